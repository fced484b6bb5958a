/* SPDX-License-Identifier: ISC */
/* BODY and BODYSTRUCTURE (RFC 3501 section 7.4.2), and the way from a section
 * number to a part. Pure, but for the header bytes that a callback brings. */
#ifndef IMAP_STRUCTURE_H
#define IMAP_STRUCTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "mime.h"

struct header_source {
	/* *OUT becomes the header of a part. 1, or 0. */
	int (*read)(void *arg, struct mime_part const *p, stralloc *out);
	void *arg;
};

/* 1, or 0: no memory or no header to be had. */
int structure_put(stralloc *out, struct mime const *m, bool extended,
    struct header_source const *source);

/* The part "n.n.n"; -1 when there is none. */
int structure_find(struct mime const *m, uint32_t const *numbers,
    unsigned count);

/* What a part's Content-Type says, with the default where it says nothing.
 * 1; 0 out of memory. */
struct structured;
int structure_type(struct mime_part const *p, char const *header, size_t len,
    struct structured *type, char const **first, size_t *first_len,
    char const **second, size_t *second_len);

#endif
