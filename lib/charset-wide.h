/* SPDX-License-Identifier: ISC */
/* Character sets of several octets a letter. Pure. */
#ifndef BESACE_CHARSET_WIDE_H
#define BESACE_CHARSET_WIDE_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

enum {
	WIDE_NONE = UINT32_MAX,       /* octets that stand for no letter */
	WIDE_UNKNOWN = UINT32_MAX - 1 /* that are no letter of the set */
};

/* Where a text is: what was switched to. Zero at its start. */
struct wide_state {
	unsigned set;
	uint32_t bits; /* of UTF-7, and how many */
	unsigned bit_count;
};

/* Octets, at least 1, of the next thing in a text that is not empty; *POINT
 * becomes the letter. */
typedef size_t wide_read(struct wide_state *state, unsigned char const *s,
    size_t len, uint32_t *point);

/* NULL for a set that is none of these. */
wide_read *wide_find(char const *name, size_t len);

/* UTF-16 and UTF-7 (RFC 2781, RFC 2152). */
wide_read wide_utf16;
wide_read wide_utf16be;
wide_read wide_utf16le;
wide_read wide_utf7;

#endif
