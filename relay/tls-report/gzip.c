/* SPDX-License-Identifier: ISC */
#include "gzip.h"

#include <errno.h>
#include <limits.h>
#define ZLIB_CONST /* what is read is not written to */
#include <zlib.h>

enum {
	GZIP_WINDOW = MAX_WBITS + 16, /* zlib's way to ask for gzip */
	MEMORY_LEVEL = 8              /* its default */
};

static int
deflate_all(z_stream *z, char const *s, size_t len, stralloc *out)
{
	size_t room = deflateBound(z, len);
	if (room > UINT_MAX || !stralloc_readyplus(out, room)) {
		errno = ENOMEM;
		return 0;
	}
	z->next_in = (Bytef const *)s;
	z->avail_in = (uInt)len;
	z->next_out = (Bytef *)out->s + out->len;
	z->avail_out = (uInt)room;
	if (deflate(z, Z_FINISH) != Z_STREAM_END) {
		errno = EIO;
		return 0;
	}
	out->len += z->total_out;
	return 1;
}

int
gzip_pack(char const *s, size_t len, stralloc *out)
{
	z_stream z = { 0 };
	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
	        MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
		errno = ENOMEM;
		return 0;
	}
	int ok = deflate_all(&z, s, len, out), saved = errno;
	deflateEnd(&z);
	errno = saved;
	return ok;
}
