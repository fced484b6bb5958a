/* SPDX-License-Identifier: ISC */
/* A message as the kinds of rules see it. */
#ifndef SPAMSCORE_TEXT_H
#define SPAMSCORE_TEXT_H

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include "rules.h"
#include "span.h"

struct text {
	struct span message; /* without an mbox line */
	struct span header;
	genalloc parts; /* struct mime_part */
	/* Pieces (struct span) of the stores below. The first body line is the
	 * Subject. */
	genalloc body;
	genalloc rawbody;
	genalloc uris;
	stralloc body_store;
	stralloc rawbody_store;
	stralloc uri_store;
};

enum { TEXT_LINE_MAX = 2048 };

/* Takes the message apart. 1, or 0 with errno. Pure. */
int text_read(struct text *t, struct rules const *rules, struct span message);
void text_free(struct text *t);

#endif
