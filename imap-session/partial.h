/* SPDX-License-Identifier: ISC */
/* PARTIAL: a page of what was found or is fetched (RFC 9394). */
#ifndef IMAP_PARTIAL_H
#define IMAP_PARTIAL_H

#include <stdbool.h>
#include <stdint.h>
#include "parse.h"

struct partial {
	uint32_t first, last; /* places from 1 on, first <= last */
	bool from_end;        /* counted from the last */
};

/* SP partial-range; partial-range = n ":" n / "-" n ":" "-" n. Pure. */
bool cursor_partial(struct cursor *c, struct partial *p);

/* Of COUNT things those from *FROM to *TO, without it, counted from 0. */
void partial_places(struct partial const *p, uint32_t count, uint32_t *from,
    uint32_t *to);

#endif
