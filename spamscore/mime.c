/* SPDX-License-Identifier: ISC */
#include "mime.h"

#include "decode.h"
#include "message.h"

/* What is open while the message is walked once, line by line. */
struct walker {
	struct span m;
	size_t pos;
	genalloc *parts;
	struct span boundary[MIME_DEPTH_MAX];
	size_t depth;
	struct mime_part part;
	bool in_part; /* PART is open; else between parts */
};

/* --- header fields of a part ----------------------------------------------- */

/* Takes white space and comments off the front (RFC 5322 3.2.2). */
static void
skip_cfws(struct span *v)
{
	size_t depth = 0;
	for (; v->len; *v = span_from(*v, 1)) {
		if (*v->s == '(')
			depth++;
		else if (*v->s == ')' && depth)
			depth--;
		else if (!depth && !span_is_space(*v->s))
			return;
	}
}

static bool
ends_token(char c)
{
	return span_is_space(c) || c == ';' || c == '=' || c == '"' || c == '(';
}

static struct span
take_token(struct span *v)
{
	size_t n = 0;
	while (n < v->len && !ends_token(v->s[n]))
		n++;
	struct span token = { v->s, n };
	*v = span_from(*v, n);
	return token;
}

/* A token or a quoted string; its backslashes stay. */
static struct span
take_value(struct span *v)
{
	if (!v->len || *v->s != '"') {
		size_t n = 0;
		while (n < v->len && v->s[n] != ';' && !span_is_space(v->s[n]))
			n++;
		struct span bare = { v->s, n };
		*v = span_from(*v, n);
		return bare;
	}
	*v = span_from(*v, 1);
	char const *end = memchr(v->s, '"', v->len);
	struct span value = { v->s, end ? (size_t)(end - v->s) : v->len };
	*v = span_from(*v, value.len + (end != NULL));
	return value;
}

static void
set_type(struct mime_part *p, struct span token)
{
	size_t n =
	    token.len < MIME_TYPE_MAX - 1 ? token.len : MIME_TYPE_MAX - 1;
	for (size_t i = 0; i < n; i++) {
		char c = token.s[i];
		p->type[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	p->type[n] = 0;
	if (!strchr(p->type, '/')) /* RFC 2045 5.2 */
		strcpy(p->type, "text/plain");
}

static void
read_type(struct span v, struct mime_part *p, struct span *boundary)
{
	skip_cfws(&v);
	set_type(p, take_token(&v));
	while (v.len) {
		skip_cfws(&v);
		if (v.len && *v.s == ';') {
			v = span_from(v, 1);
			continue;
		}
		struct span name = take_token(&v);
		skip_cfws(&v);
		if (v.len && *v.s == '=') {
			v = span_from(v, 1);
			skip_cfws(&v);
			struct span value = take_value(&v);
			if (span_is_case(name, "boundary"))
				*boundary = value;
			else if (span_is_case(name, "charset"))
				p->charset = value;
		} else if (!name.len && v.len) {
			v = span_from(v, 1);
		}
	}
}

static enum transfer
read_encoding(struct span v)
{
	skip_cfws(&v);
	struct span token = take_token(&v);
	return span_is_case(token, "base64")          ? TRANSFER_BASE64
	    : span_is_case(token, "quoted-printable") ? TRANSFER_QP
	                                              : TRANSFER_PLAIN;
}

/* Reads the header at the walker's place and moves behind its blank line. */
static void
read_header(struct walker *w, struct span *boundary)
{
	size_t start = w->pos;
	struct message_field f;
	w->part = (struct mime_part){ .type = "text/plain" };
	*boundary = (struct span){ NULL, 0 };
	while (message_next_field(w->m.s, w->m.len, &w->pos, &f)) {
		struct span value = { f.value, f.value_len };
		if (message_field_is(&f, "Content-Type"))
			read_type(value, &w->part, boundary);
		else if (message_field_is(&f, "Content-Transfer-Encoding"))
			w->part.encoding = read_encoding(value);
	}
	w->part.header = (struct span){ w->m.s + start, w->pos - start };
	struct span rest = span_from(w->m, w->pos);
	w->pos += message_body(rest.s, rest.len);
}

/* --- walking --------------------------------------------------------------- */

/* Opens what starts here: a multipart goes on the stack, a message inside is
 * looked into, anything else is a part. */
static void
open_part(struct walker *w)
{
	struct span boundary;
	for (size_t messages = 0;; messages++) {
		read_header(w, &boundary);
		if (strcmp(w->part.type, "message/rfc822") != 0 ||
		    messages == MIME_DEPTH_MAX)
			break;
	}
	if (strncmp(w->part.type, "multipart/", 10) == 0 && boundary.len &&
	    w->depth < MIME_DEPTH_MAX) {
		w->boundary[w->depth++] = boundary;
		w->in_part = false;
		return;
	}
	w->part.body.s = w->m.s + w->pos;
	w->in_part = true;
}

/* The line end before a delimiter belongs to the delimiter (RFC 2046 5.1.1). */
static int
close_part(struct walker *w, size_t end, bool delimiter)
{
	if (!w->in_part)
		return 1;
	w->in_part = false;
	size_t start = (size_t)(w->part.body.s - w->m.s);
	if (delimiter && end > start && w->m.s[end - 1] == '\n')
		end--;
	if (delimiter && end > start && w->m.s[end - 1] == '\r')
		end--;
	w->part.body.len = end > start ? end - start : 0;
	if (genalloc_len(struct mime_part, w->parts) >= MIME_PARTS_MAX)
		return 1;
	return genalloc_append(struct mime_part, w->parts, &w->part);
}

/* Which open boundary this line is, innermost first: its place + 1, 0 for
 * none. *LAST: it is the closing one. */
static size_t
delimiter(struct walker const *w, struct span line, bool *last)
{
	while (line.len && span_is_space(line.s[line.len - 1]))
		line.len--;
	if (line.len < 3 || line.s[0] != '-' || line.s[1] != '-')
		return 0;
	struct span name = span_from(line, 2);
	for (size_t i = w->depth; i > 0; i--) {
		struct span b = w->boundary[i - 1];
		if (name.len < b.len || memcmp(name.s, b.s, b.len) != 0)
			continue;
		*last = name.len == b.len + 2 && name.s[b.len] == '-' &&
		    name.s[b.len + 1] == '-';
		if (*last || name.len == b.len)
			return i;
	}
	return 0;
}

int
mime_parts(struct span m, genalloc *parts)
{
	struct walker w = { .m = m, .parts = parts };
	open_part(&w);
	while (w.pos < m.len) {
		size_t start = w.pos;
		char const *lf = memchr(m.s + start, '\n', m.len - start);
		w.pos = lf ? (size_t)(lf - m.s) + 1 : m.len;
		bool last = false;
		struct span line = { m.s + start, w.pos - start };
		size_t found = w.depth ? delimiter(&w, line, &last) : 0;
		if (!found)
			continue;
		if (!close_part(&w, start, true))
			return 0;
		w.depth = last ? found - 1 : found;
		if (!last)
			open_part(&w);
	}
	return close_part(&w, m.len, false);
}

int
mime_decode(struct mime_part const *p, stralloc *out)
{
	stralloc bytes = STRALLOC_ZERO;
	struct transfer_decoder d = { .kind = p->encoding };
	if (p->encoding == TRANSFER_PLAIN)
		return decode_lines(p->body, out);
	int ok = transfer_decode(&d, p->body.s, p->body.len, &bytes) &&
	    transfer_end(&d, &bytes) && decode_lines(span_of(&bytes), out);
	stralloc_free(&bytes);
	return ok;
}
