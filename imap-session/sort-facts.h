/* SPDX-License-Identifier: ISC */
/* What SORT and THREAD compare of a message, as two records of the cache. What
 * these say for one header is part of the file's format. Pure. */
#ifndef IMAP_SORT_FACTS_H
#define IMAP_SORT_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "bytes.h"

enum { SORT_TEXT_MAX = 500 /* octets of a text that decide */ };

/* By its Date and its Subject. */
struct sort_order_fact {
	bool has_date;        /* it says when it was sent */
	bool reply;           /* the subject is of a reply or forwarded */
	int64_t date;         /* then: seconds */
	struct bytes subject; /* base subject, in the form that is compared */
};

/* The values of the first fields of these names; no octets: not there. */
struct sort_ids_fact {
	struct bytes id;
	struct bytes references;
	struct bytes in_reply_to;
};

/* *RECORD becomes that of these. 1, or 0 out of memory. */
int sort_order_pack(struct sort_order_fact const *o, stralloc *record);
int sort_ids_pack(struct sort_ids_fact const *i, stralloc *record);

/* Their texts are in the record. False: it is none. */
bool sort_order_open(struct sort_order_fact *o, char const *record, size_t len);
bool sort_ids_open(struct sort_ids_fact *i, char const *record, size_t len);

#endif
