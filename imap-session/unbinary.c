/* SPDX-License-Identifier: ISC */
#include "unbinary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base64.h"
#include "content.h"
#include "encoding.h"
#include "mime.h"

enum {
	LINE = 57, /* octets that make 76 of base64 */
	BLOCK = 256 * LINE
};

struct work {
	struct incoming const *in;
	struct incoming *out;
	uint64_t at; /* in IN: so far it is done */
	stralloc text;
};

/* --- pieces ----------------------------------------------------------------- */

/* The next block up to END; 0 at the end, -1 with errno. */
static ssize_t
next_block(struct work *w, uint64_t end, char buf[BLOCK])
{
	size_t len = 0;
	while (len < BLOCK && w->at < end) {
		size_t want = BLOCK - len;
		if (want > end - w->at)
			want = (size_t)(end - w->at);
		ssize_t n = incoming_read(w->in, buf + len, want, w->at);
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
		w->at += (size_t)n;
	}
	return (ssize_t)len;
}

static bool
pass_to(struct work *w, uint64_t end)
{
	char buf[BLOCK];
	ssize_t n;
	while ((n = next_block(w, end, buf)) > 0)
		incoming_take(w->out, buf, (size_t)n);
	return n == 0;
}

static bool
encode_to(struct work *w, uint64_t end)
{
	char buf[BLOCK];
	ssize_t n;
	while ((n = next_block(w, end, buf)) > 0) {
		w->text.len = 0;
		for (size_t i = 0; i < (size_t)n; i += LINE) {
			size_t len = (size_t)n - i;
			if (!base64_encode(buf + i, len < LINE ? len : LINE,
			        &w->text) ||
			    !stralloc_append(&w->text, '\n'))
				return false;
		}
		incoming_take(w->out, w->text.s, w->text.len);
	}
	return n == 0;
}

/* --- parts ------------------------------------------------------------------ */

static bool
parse(struct incoming const *in, struct mime *m)
{
	char buf[BLOCK];
	uint64_t at = 0;
	ssize_t n;
	mime_start(m, false);
	while ((n = incoming_read(in, buf, sizeof buf, at)) > 0) {
		if (!mime_feed(m, buf, (size_t)n))
			break;
		at += (uint64_t)n;
	}
	if (n < 0)
		return false;
	errno = ENOMEM;
	return mime_finish(m);
}

static bool
read_header(struct work *w, struct mime_part const *p)
{
	uint64_t len = p->body.raw - p->header.raw;
	if (len > HEADER_MEMORY)
		len = HEADER_MEMORY;
	w->text.len = 0;
	if (!stralloc_ready(&w->text, (size_t)len + 1))
		return false;
	while (w->text.len < len) {
		ssize_t n = incoming_read(w->in, w->text.s + w->text.len,
		    (size_t)len - w->text.len, p->header.raw + w->text.len);
		if (n < 0)
			return false;
		if (n == 0)
			break;
		w->text.len += (size_t)n;
	}
	return true;
}

/* What holds other parts has only their encodings. */
static bool
rewrite(struct work *w, struct mime_part const *p)
{
	struct encoding e;
	bool whole = p->kind == MIME_MULTIPART || p->kind == MIME_MESSAGE;
	char const *field = whole ? "Content-Transfer-Encoding: 8bit\n"
	                          : "Content-Transfer-Encoding: base64\n";
	if (!read_header(w, p))
		return false;
	encoding_find(w->text.s, w->text.len, &e);
	if (!e.binary)
		return true;
	if (!pass_to(w, p->header.raw + e.at))
		return false;
	incoming_take(w->out, field, strlen(field));
	w->at += e.len;
	return whole || (pass_to(w, p->body.raw) && encode_to(w, p->end.raw));
}

bool
unbinary(struct incoming const *in, struct incoming *out)
{
	struct work w = { .in = in, .out = out, .text = STRALLOC_ZERO };
	struct mime *m = calloc(1, sizeof *m);
	bool ok = m && parse(in, m);
	for (int i = 0; ok && i < m->count; i++)
		ok = rewrite(&w, &m->parts[i]);
	ok = ok && pass_to(&w, UINT64_MAX);
	int saved = errno;
	if (m)
		mime_free(m);
	free(m);
	stralloc_free(&w.text);
	errno = saved;
	return ok && incoming_end(out);
}
