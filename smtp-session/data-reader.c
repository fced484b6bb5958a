/* SPDX-License-Identifier: ISC */
#include "data-reader.h"

#include <string.h>

enum { SPAN_MAX = 256 /* octets looked at for the end of a line, at once */ };

void
data_reader_init(struct data_reader *r, bool lf_lines, bool chunks)
{
	r->state = DATA_LINE_START;
	r->lf_lines = lf_lines;
	r->chunks = chunks;
	r->bare = false;
	r->size = 0;
}

struct sink {
	char *s;
	size_t len;
};

static void
put(struct data_reader *r, struct sink *out, char c)
{
	out->s[out->len++] = c;
	r->size++;
}

static void
end_line(struct data_reader *r, struct sink *out)
{
	put(r, out, '\n');
	r->size++; /* the CR, or in a local transcript the one it stands for */
	r->state = DATA_LINE_START;
}

/* An octet inside a line. */
static void
in_line(struct data_reader *r, struct sink *out, char c)
{
	r->state = DATA_IN_LINE;
	if (c == '\r') {
		r->state = DATA_CR;
		return;
	}
	if (c != '\n') {
		put(r, out, c);
		return;
	}
	if (r->lf_lines) {
		end_line(r, out);
		return;
	}
	r->bare = true; /* and the next octet does not start a line */
	put(r, out, c);
}

/* The octet after a CR inside a line. */
static void
after_cr(struct data_reader *r, struct sink *out, char c)
{
	if (c == '\n' && !r->lf_lines) {
		end_line(r, out);
		return;
	}
	r->bare = true;
	in_line(r, out, c);
}

static void
step(struct data_reader *r, struct sink *out, char c)
{
	switch (r->state) {
	case DATA_LINE_START:
		if (c == '.' && !r->chunks)
			r->state = DATA_DOT;
		else
			in_line(r, out, c);
		return;
	case DATA_IN_LINE:
		in_line(r, out, c);
		return;
	case DATA_CR:
		after_cr(r, out, c);
		return;
	case DATA_DOT:
		if (c == '\r')
			r->state = DATA_DOT_CR;
		else if (c == '\n' && r->lf_lines)
			r->state = DATA_END;
		else
			in_line(r, out, c);
		return;
	case DATA_DOT_CR:
		if (c == '\n' && !r->lf_lines)
			r->state = DATA_END;
		else
			after_cr(r, out, c);
		return;
	case DATA_END:
		return;
	}
}

/* Takes what is neither CR nor LF, as a piece. Octets taken. */
static size_t
plain_span(struct data_reader *r, struct sink *out, char const *in, size_t len)
{
	size_t n = len < SPAN_MAX ? len : SPAN_MAX;
	char const *cr = memchr(in, '\r', n);
	n = cr ? (size_t)(cr - in) : n;
	char const *lf = memchr(in, '\n', n);
	n = lf ? (size_t)(lf - in) : n;
	memcpy(out->s + out->len, in, n);
	out->len += n;
	r->size += n;
	return n;
}

size_t
data_reader_feed(struct data_reader *r, char const *in, size_t len, char *out,
    size_t *out_len)
{
	struct sink sink = { out, 0 };
	size_t used = 0;
	while (used < len && r->state != DATA_END) {
		size_t n = 0;
		if (r->state == DATA_IN_LINE)
			n = plain_span(r, &sink, in + used, len - used);
		if (!n) {
			step(r, &sink, in[used]);
			n = 1;
		}
		used += n;
	}
	*out_len = sink.len;
	return used;
}

void
data_reader_end(struct data_reader *r, char *out, size_t *out_len)
{
	struct sink sink = { out, 0 };
	if (r->state == DATA_CR)
		r->bare = true;
	else if (r->state == DATA_IN_LINE)
		put(r, &sink, '\n');
	r->state = DATA_END;
	*out_len = sink.len;
}
