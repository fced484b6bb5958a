/* SPDX-License-Identifier: ISC */
#include "compress.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#define ZLIB_CONST /* what is read is not written to */
#include <zlib.h>

/* Level 3 is twice as fast as zlib's usual 6, and what it makes a tenth larger
 * (mail: 0.30 and 0.27 of the plain octets). */
enum {
	LEVEL = 3,
	WINDOW = 15, /* 2^15 octets, the other side may use all of it */
	MEMORY = 8,
	PIECE = 8 << 10,
	/* of zlib's data_type */
	BLOCK_END = 128, /* one has ended here */
	LAST_BLOCK = 64,
	BITS_LEFT = 7 /* of the last octet */
};

struct compress {
	z_stream out, in;
	bool out_ready;
	bool in_ended; /* by its last block */
	uint32_t last; /* four octets that were inflated */
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

/* One block at most: what comes behind the client's last one is no deflate. */
static int
inflate_block(struct compress *c)
{
	unsigned char const *from = c->in.next_in;
	int r = inflate(&c->in, Z_BLOCK);
	for (; from < c->in.next_in; from++)
		c->last = c->last << 8 | *from;
	if (r == Z_OK && c->in.data_type & BLOCK_END &&
	    c->in.data_type & LAST_BLOCK)
		r = Z_STREAM_END;
	c->in_ended = r == Z_STREAM_END;
	return r;
}

/* Nothing made although there was room: all that came is used. */
bool
compress_in(struct compress *c, char *out, size_t len, size_t *made)
{
	int r;
	c->in.next_out = (unsigned char *)out;
	c->in.avail_out = (uInt)len;
	do
		r = inflate_block(c);
	while (r == Z_OK && c->in.avail_in && c->in.avail_out == len);
	*made = len - c->in.avail_out;
	return r == Z_OK || r == Z_BUF_ERROR;
}

/* A flush is an empty block whose length stands there last. */
static bool
at_end(struct compress const *c)
{
	return c->in_ended ||
	    (c->in.data_type & BLOCK_END && !(c->in.data_type & BITS_LEFT) &&
	        c->last == 0x0000ffff);
}

int
compress_end(struct compress *c, char const **s, size_t *len)
{
	unsigned char none;
	int r = Z_OK;
	c->in.next_out = &none;
	c->in.avail_out = 1;
	while (r == Z_OK && c->in.avail_out && c->in.avail_in && !at_end(c))
		r = inflate_block(c);
	*s = (char const *)c->in.next_in;
	*len = c->in.avail_in;
	if (!c->in.avail_out)
		return -1;
	if (at_end(c))
		return 1;
	return r == Z_OK || r == Z_BUF_ERROR ? 0 : -1;
}
