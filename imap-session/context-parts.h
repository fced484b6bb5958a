/* SPDX-License-Identifier: ISC */
/* What the files of contexts share among themselves. */
#ifndef IMAP_CONTEXT_PARTS_H
#define IMAP_CONTEXT_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "search.h"
#include "sort.h"

struct context {
	struct context *next;
	stralloc tag;
	bool uid;             /* told by UIDs */
	struct search search; /* resolved */
	bool fixed;           /* no key is about what may change in a message */
	struct sort_order order; /* none: that of the mailbox */
	struct fetch *fetch;     /* of messages that come; NULL: nothing */
	uint32_t looked;         /* the last UID that was ever looked at */
	stralloc uids;           /* the result: of uint32_t */
	/* while changes are told: UIDs in ascending order */
	stralloc sorted; /* the result */
	stralloc gone;   /* what falls out of it */
	stralloc fresh;  /* what is new in it */
};

#endif
