/* SPDX-License-Identifier: ISC */
/* The parts of a message: RFC 2045, RFC 2046. */
#ifndef SPAMSCORE_MIME_H
#define SPAMSCORE_MIME_H

#include <skalibs/genalloc.h>
#include "span.h"
#include "transfer-encoding.h"

enum { MIME_DEPTH_MAX = 20, MIME_PARTS_MAX = 1000, MIME_TYPE_MAX = 64 };

/* A part that holds no others. */
struct mime_part {
	char type[MIME_TYPE_MAX]; /* "text/plain": lower case, no parameters */
	struct span charset;      /* empty when none is given */
	enum transfer encoding;
	struct span header;
	struct span body; /* as it stands, still encoded */
};

/* Appends the parts of M to PARTS (struct mime_part). Nesting and number are
 * bounded; what lies deeper is part of the text around it. 1, or 0 with errno.
 * Pure. */
int mime_parts(struct span m, genalloc *parts);

/* Appends the part's body without its transfer encoding, with LF. 1, or 0 with
 * errno. Pure. */
int mime_decode(struct mime_part const *p, stralloc *out);

#endif
