/* SPDX-License-Identifier: ISC */
/* What SEARCH and SORT found, and the ways to tell it: "* SEARCH", "* SORT" and
 * "* ESEARCH" (RFC 4731, RFC 5267). */
#ifndef IMAP_RESULTS_H
#define IMAP_RESULTS_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "partial.h"
#include "session.h"

enum result_kind {
	RESULT_MIN = 1,
	RESULT_MAX = 2,
	RESULT_ALL = 4,
	RESULT_COUNT = 8,
	RESULT_SAVE = 16, /* keep them for "$" (RFC 5182) */
	RESULT_PARTIAL = 32,
	RESULT_UPDATE = 64,  /* keep them up to date (RFC 5267) */
	RESULT_CONTEXT = 128 /* a hint that they will be asked for again */
};

/* RETURN (...) */
struct result_options {
	bool extended; /* it was given: answer by ESEARCH */
	unsigned kinds;
	bool modseq;            /* tell the highest mod-sequence, too */
	struct partial partial; /* of RESULT_PARTIAL */
	struct fetch *fetch;    /* of what comes later (RFC 5465 section 7) */
};

/* ["RETURN" SP "(" [option *(SP option)] ")" SP]; search_end frees what is in
 * it, whatever is answered. */
bool cursor_results(struct cursor *c, struct result_options *o);

/* Sequence numbers in the order they are told. */
struct results {
	stralloc numbers; /* of uint32_t */
	bool as_told;     /* perhaps UIDs: what the client is to see */
};

#define RESULTS_ZERO \
	{ \
		.as_told = false \
	}

/* 1, or 0 out of memory. */
int results_add(struct results *r, uint32_t number);
uint32_t results_count(struct results const *r);
uint32_t *results_numbers(struct results const *r);
void results_free(struct results *r);

/* Tells them, as UIDs after "UID verb", and keeps what is to be kept. VERB is
 * the name of the untagged answer if it is not ESEARCH. 1, or 0 out of memory,
 * nothing told. */
int results_put(struct session *s, char const *verb, struct results const *r,
    struct result_options const *o);

/* Sends those from FROM to TO, without it: "2,5:9,4", a space before it. */
void results_put_set(struct session *s, struct results const *r, uint32_t from,
    uint32_t to);

/* The tagged answer of a verb with such options. A NO leaves nothing for "$". */
answer search_end(struct session *s, struct result_options *o, answer text);

#endif
