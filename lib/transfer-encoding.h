/* SPDX-License-Identifier: ISC */
/* Content transfer encodings of MIME (RFC 2045 section 6) undone, as a mail
 * program would: what is not of the encoding is passed over or stays as it
 * stands, nothing is an error. All that return int: 1, or 0 out of memory. */
#ifndef BESACE_TRANSFER_ENCODING_H
#define BESACE_TRANSFER_ENCODING_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

enum transfer { TRANSFER_PLAIN, TRANSFER_QP, TRANSFER_BASE64 };

enum { TRANSFER_HELD_MAX = 78 }; /* an encoded line and its end */

/* In pieces: only KIND is set to start with. */
struct transfer_decoder {
	enum transfer kind;
	uint32_t bits; /* of base64, COUNT of them not yet put out */
	unsigned int count;
	size_t held_len; /* "=" and what came behind it */
	char held[TRANSFER_HELD_MAX];
};

/* Appends to OUT what S, the next piece, makes up. */
int transfer_decode(struct transfer_decoder *d, char const *s, size_t len,
    stralloc *out);
/* Behind the last piece: a "=" that nothing followed. */
int transfer_end(struct transfer_decoder *d, stralloc *out);

/* The "Q" encoding of encoded words (RFC 2047 section 4.2), in one piece. */
int transfer_decode_q(char const *s, size_t len, stralloc *out);

#endif
