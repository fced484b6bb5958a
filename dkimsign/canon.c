/* SPDX-License-Identifier: ISC */
#include "canon.h"

#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* --- body ------------------------------------------------------------------ */

void
canon_body_init(struct canon_body *b, enum canon how, canon_sink *sink,
    void *arg)
{
	memset(b, 0, offsetof(struct canon_body, out));
	b->how = how;
	b->sink = sink;
	b->arg = arg;
}

static int
flush(struct canon_body *b)
{
	size_t n = b->used;
	b->used = 0;
	b->any = b->any || n;
	return n == 0 || b->sink(b->arg, b->out, n);
}

static int
put(struct canon_body *b, char const *s, size_t len)
{
	while (len) {
		if (b->used == sizeof b->out && !flush(b))
			return 0;
		size_t n = sizeof b->out - b->used;
		if (n > len)
			n = len;
		memcpy(b->out + b->used, s, n);
		b->used += n;
		s += n;
		len -= n;
	}
	return 1;
}

/* Bytes of a line; what was held back before them belongs to the body. */
static int
put_text(struct canon_body *b, char const *s, size_t len)
{
	for (; b->blank; b->blank--)
		if (!put(b, "\r\n", 2))
			return 0;
	if (b->space && !put(b, " ", 1))
		return 0;
	b->space = false;
	b->line = true;
	return put(b, s, len);
}

static int
end_line(struct canon_body *b)
{
	bool line = b->line;
	b->line = b->space = b->cr = false;
	if (line)
		return put(b, "\r\n", 2);
	b->blank++;
	return 1;
}

/* Length of the run that needs no thought. */
static size_t
plain_run(enum canon how, char const *s, size_t len)
{
	size_t n = 0;
	while (n < len && s[n] != '\n' && s[n] != '\r' &&
	    (how == CANON_SIMPLE || !is_blank(s[n])))
		n++;
	return n;
}

int
canon_body_feed(struct canon_body *b, char const *s, size_t len)
{
	while (len) {
		if (b->cr && *s != '\n') {
			b->cr = false;
			if (!put_text(b, "\r", 1))
				return 0;
		}
		size_t n = plain_run(b->how, s, len);
		int ok = 1;
		if (n) {
			ok = put_text(b, s, n);
		} else {
			n = 1;
			if (*s == '\n')
				ok = end_line(b);
			else if (*s == '\r')
				b->cr = true;
			else
				b->space = true;
		}
		if (!ok)
			return 0;
		s += n;
		len -= n;
	}
	return 1;
}

int
canon_body_end(struct canon_body *b)
{
	if (b->cr && !put_text(b, "\r", 1))
		return 0;
	if (b->line && !end_line(b))
		return 0;
	/* RFC 6376 3.4.3: the simple form of an empty body is one CRLF; 3.4.4:
	 * the relaxed form is nothing. */
	if (b->how == CANON_SIMPLE && !b->any && !b->used && !put(b, "\r\n", 2))
		return 0;
	return flush(b);
}

/* --- header ---------------------------------------------------------------- */

/* Length of the line end at S, 0 for none. */
static size_t
line_end(char const *s, size_t len)
{
	if (len && s[0] == '\n')
		return 1;
	return len > 1 && s[0] == '\r' && s[1] == '\n' ? 2 : 0;
}

static int
field_simple(struct message_field const *f, stralloc *out)
{
	size_t len = f->len;
	if (len && f->start[len - 1] == '\n')
		len -= len > 1 && f->start[len - 2] == '\r' ? 2 : 1;
	for (size_t i = 0; i < len;) {
		size_t end = line_end(f->start + i, len - i);
		if (!(end ? stralloc_catb(out, "\r\n", 2)
		          : stralloc_append(out, f->start[i])))
			return 0;
		i += end ? end : 1;
	}
	return stralloc_catb(out, "\r\n", 2);
}

/* RFC 6376 3.4.2: name in lower case, unfolded, runs of blanks as one, none
 * around the colon and at the end. */
static int
field_relaxed(struct message_field const *f, stralloc *out)
{
	for (size_t i = 0; i < f->name_len; i++) {
		char c = f->start[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		if (!stralloc_append(out, c))
			return 0;
	}
	if (!stralloc_append(out, ':'))
		return 0;
	bool text = false;
	bool space = false;
	for (size_t i = 0; i < f->value_len;) {
		size_t end = line_end(f->value + i, f->value_len - i);
		char c = f->value[i];
		i += end ? end : 1;
		if (end)
			continue;
		if (is_blank(c)) {
			space = text;
			continue;
		}
		if ((space && !stralloc_append(out, ' ')) ||
		    !stralloc_append(out, c))
			return 0;
		text = true;
		space = false;
	}
	return stralloc_catb(out, "\r\n", 2);
}

int
canon_field(enum canon how, struct message_field const *f, stralloc *out)
{
	return how == CANON_SIMPLE ? field_simple(f, out)
	                           : field_relaxed(f, out);
}
