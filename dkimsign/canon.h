/* SPDX-License-Identifier: ISC */
/* Canonical forms of RFC 6376 section 3.4: what a signature is computed over.
 * Messages may have LF or CRLF line ends; the canonical form has CRLF. */
#ifndef DKIMSIGN_CANON_H
#define DKIMSIGN_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "message.h"

enum canon { CANON_SIMPLE, CANON_RELAXED };

/* Takes canonical bytes; 1, or 0 to stop. */
typedef int canon_sink(void *arg, char const *s, size_t len);

/* A body on its way: fed in pieces of any size, in constant memory. */
struct canon_body {
	enum canon how;
	canon_sink *sink;
	void *arg;
	uint64_t blank; /* blank lines not yet known to be inside the body */
	bool cr;        /* a CR that may be half of a line end */
	bool space;     /* white space that may be at the end of its line */
	bool line;      /* the line has bytes already */
	bool any;       /* something was given to the sink */
	size_t used;
	char out[8192];
};

void canon_body_init(struct canon_body *b, enum canon how, canon_sink *sink,
    void *arg);
int canon_body_feed(struct canon_body *b, char const *s, size_t len);

/* The last line gets its CRLF, blank lines at the end are dropped. */
int canon_body_end(struct canon_body *b);

/* Appends the canonical form of one field, with its CRLF. 1, or 0 with errno.
 * Pure. */
int canon_field(enum canon how, struct message_field const *f, stralloc *out);

#endif
