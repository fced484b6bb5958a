/* SPDX-License-Identifier: ISC */
#include "compress.h"

#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST /* what is read is not written to */
#include <zlib.h>

/* Level 3 is twice as fast as zlib's usual 6, and what it makes a tenth larger
 * (mail: 0.30 and 0.27 of the plain octets). */
enum {
	LEVEL = 3,
	WINDOW = 15, /* 2^15 octets, the other side may use all of it */
	MEMORY = 8,
	PIECE = 8 << 10
};

struct compress {
	z_stream out, in;
	bool out_ready;
	char input[COMPRESS_INPUT];
};

struct compress *
compress_new(void)
{
	struct compress *c = calloc(1, sizeof *c);
	if (c && inflateInit2(&c->in, -WINDOW) == Z_OK)
		return c;
	free(c);
	return NULL;
}

void
compress_free(struct compress *c)
{
	if (!c)
		return;
	compress_forget(c);
	inflateEnd(&c->in);
	free(c);
}

/* A flushed stream ends on an octet, and what a new one says refers to nothing
 * before it: raw deflate has no header, so one can go on where the other
 * ended. */
void
compress_forget(struct compress *c)
{
	if (c->out_ready)
		deflateEnd(&c->out);
	c->out_ready = false;
}

static bool
ready_out(struct compress *c)
{
	if (!c->out_ready) {
		c->out = (z_stream){ 0 };
		c->out_ready = deflateInit2(&c->out, LEVEL, Z_DEFLATED, -WINDOW,
		                   MEMORY, Z_DEFAULT_STRATEGY) == Z_OK;
	}
	return c->out_ready;
}

bool
compress_out(struct compress *c, char const *s, size_t len, bool flush,
    compress_write *write, void *arg)
{
	unsigned char piece[PIECE];
	if (!len && (!flush || !c->out_ready))
		return true;
	if (len > UINT_MAX || !ready_out(c))
		return false;
	c->out.next_in = (unsigned char const *)s;
	c->out.avail_in = (uInt)len;
	do {
		c->out.next_out = piece;
		c->out.avail_out = sizeof piece;
		int r = deflate(&c->out, flush ? Z_SYNC_FLUSH : Z_NO_FLUSH);
		size_t made = sizeof piece - c->out.avail_out;
		if ((r != Z_OK && r != Z_BUF_ERROR) ||
		    (made && !write(arg, (char const *)piece, made)))
			return false;
	} while (!c->out.avail_out);
	return true;
}

char *
compress_room(struct compress *c)
{
	return c->input;
}

void
compress_came(struct compress *c, size_t len)
{
	c->in.next_in = (unsigned char *)c->input;
	c->in.avail_in = (uInt)len;
}

/* Nothing made although there was room: all that came is used. */
bool
compress_in(struct compress *c, char *out, size_t len, size_t *made)
{
	c->in.next_out = (unsigned char *)out;
	c->in.avail_out = (uInt)len;
	int r = inflate(&c->in, Z_SYNC_FLUSH);
	*made = len - c->in.avail_out;
	return r == Z_OK || r == Z_BUF_ERROR;
}
