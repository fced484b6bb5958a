/* SPDX-License-Identifier: ISC */
/* A message made seven bits wide: it is, it does not change a second time, and its
 * parts, as a reader that goes line by line finds and decodes them, are what they
 * were. */
#include "relay/mime-downgrade.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "relay/mime-field.h"
#include "transfer-encoding.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static int
add(void *arg, char const *s, size_t len)
{
	must(stralloc_catb(arg, s, len));
	return 1;
}

static enum mime_downgrade
convert(struct span m, stralloc *out)
{
	out->len = 0;
	return mime_downgrade(m, (struct span){ "", 0 }, add, out);
}

/* --- the reader ------------------------------------------------------------- */

enum { LEVELS = 2 * MIME_DEPTH_MAX };

struct reader {
	unsigned int depth;
	struct mime_type level[LEVELS];
	bool digest[LEVELS];
	bool in_header;
	stralloc header, body, parts;
};

/* The octets on the wire. */
static void
put_crlf(struct span m, stralloc *out)
{
	out->len = 0;
	for (size_t i = 0; i < m.len; i++) {
		if (m.s[i] == '\n' && (!i || m.s[i - 1] != '\r'))
			must(stralloc_append(out, '\r'));
		must(stralloc_append(out, m.s[i]));
	}
}

/* A part ends: what it decodes to, or a header that stands alone. */
static void
end_part(struct reader *r)
{
	struct message_field f;
	size_t pos = 0;
	struct transfer_decoder d = { .kind = TRANSFER_PLAIN };
	while (message_next_field(r->header.s, r->header.len, &pos, &f)) {
		struct span value = { f.value, f.value_len };
		if (!message_field_is(&f, "Content-Transfer-Encoding") ||
		    mime_encoding_read(value) != MIME_ENCODED)
			continue;
		/* outside a comment only "base64" has a digit */
		d.kind = memchr(value.s, '6', value.len) ? TRANSFER_BASE64
		                                         : TRANSFER_QP;
	}
	must(transfer_decode(&d, r->body.s, r->body.len, &r->parts) &&
	    transfer_end(&d, &r->parts) && stralloc_append(&r->parts, 0));
	r->header.len = r->body.len = 0;
	r->in_header = true;
}

static void
end_header(struct reader *r)
{
	struct message_field f;
	size_t pos = 0;
	struct mime_type t = { .faulty = true };
	bool typed = false;
	while (message_next_field(r->header.s, r->header.len, &pos, &f)) {
		struct span value = { f.value, f.value_len };
		if (!message_field_is(&f, "Content-Type"))
			continue;
		typed = true;
		mime_type_read(value, &t);
	}
	bool digest = r->depth && r->digest[r->depth - 1];
	bool message = typed ? span_is_case(t.type, "message") &&
	        span_is_case(t.subtype, "rfc822")
	                     : digest;
	bool parts =
	    span_is_case(t.type, "multipart") && !t.faulty && t.boundary_len;
	r->in_header = false;
	if ((!message && !parts) || r->depth == LEVELS)
		return;
	r->digest[r->depth] = parts && span_is_case(t.subtype, "digest");
	if (message)
		t.boundary_len = 0;
	r->level[r->depth++] = t;
	r->in_header = message;
	if (message)
		r->header.len = 0;
}

/* The level whose boundary it is, plus one; 0: none. */
static unsigned int
find_level(struct reader const *r, struct span line, bool *last)
{
	for (unsigned int i = 0; i < r->depth; i++) {
		struct mime_type const *t = &r->level[i];
		if (!t->boundary_len || line.len < 2 + t->boundary_len ||
		    memcmp(line.s, "--", 2) != 0 ||
		    memcmp(line.s + 2, t->boundary, t->boundary_len) != 0)
			continue;
		struct span rest = span_from(line, 2 + t->boundary_len);
		*last = span_starts(rest, "--");
		rest = span_from(rest, *last ? 2 : 0);
		while (rest.len && strchr(" \t\r", *rest.s) && *rest.s)
			rest = span_from(rest, 1);
		if (!rest.len)
			return i + 1;
	}
	return 0;
}

/* A line and its end. */
static void
read_line(struct reader *r, struct span line)
{
	bool last = false, whole = line.len && line.s[line.len - 1] == '\n';
	struct span text = { line.s, line.len - whole };
	unsigned int level = find_level(r, text, &last);
	if (level) {
		if (r->body.len >= 2)
			r->body.len -= 2; /* the line end is the boundary's */
		end_part(r);
		r->depth = last ? level - 1 : level;
		r->in_header = !last;
	} else if (r->in_header && (!text.len || span_is(text, "\r"))) {
		end_header(r);
	} else {
		stralloc *to = r->in_header ? &r->header : &r->body;
		must(stralloc_catb(to, line.s, line.len));
	}
}

static void
read_parts(struct span m, stralloc *out)
{
	static stralloc wire;
	struct reader r = { .in_header = true };
	put_crlf(m, &wire);
	struct span rest = span_of(&wire);
	while (rest.len) {
		char const *lf = memchr(rest.s, '\n', rest.len);
		size_t n = lf ? (size_t)(lf + 1 - rest.s) : rest.len;
		read_line(&r, (struct span){ rest.s, n });
		rest = span_from(rest, n);
	}
	end_part(&r);
	must(stralloc_copy(out, &r.parts));
	stralloc_free(&r.header);
	stralloc_free(&r.body);
	stralloc_free(&r.parts);
}

/* --- the checks ------------------------------------------------------------- */

static void
check_octets(stralloc const *out)
{
	for (size_t i = 0; i < out->len; i++)
		must((signed char)out->s[i] > 0);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static stralloc out, again, had, has;
	struct span m = { (char const *)data, size };
	if (convert(m, &out) != MIME_DOWNGRADED)
		return 0;
	check_octets(&out);
	must(convert(span_of(&out), &again) == MIME_DOWNGRADED);
	must(again.len == out.len &&
	    (!out.len || memcmp(again.s, out.s, out.len) == 0));
	read_parts(m, &had);
	read_parts(span_of(&out), &has);
	must(had.len == has.len && memcmp(had.s, has.s, had.len) == 0);
	return 0;
}
