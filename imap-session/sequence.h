/* SPDX-License-Identifier: ISC */
/* Sets of message numbers and UIDs: "2,4:7,9,12:*". Never expanded. */
#ifndef IMAP_SEQUENCE_H
#define IMAP_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "parse.h"

enum { SEQUENCE_STAR = 0 }; /* "*": no number is 0 */

struct range {
	uint32_t first, last; /* first <= last once resolved */
};

struct sequence {
	stralloc ranges; /* of struct range */
	bool saved;      /* "$": the messages that a search has saved */
};

#define SEQUENCE_ZERO \
	{ \
		.saved = false \
	}

/* RFC 3501: sequence-set = (seq-number / seq-range) *("," sequence-set), or "$"
 * (RFC 5182). */
bool cursor_sequence(struct cursor *c, struct sequence *set);

/* Of a set that is not resolved. */
bool sequence_has_star(struct sequence const *set);

/* Puts LARGEST for each "*", turns ranges round, sorts and joins them. */
void sequence_resolve(struct sequence *set, uint32_t largest);

uint32_t sequence_count(struct sequence const *set);
struct range const *sequence_ranges(struct sequence const *set);
/* Of a resolved set. */
bool sequence_has(struct sequence const *set, uint32_t n);
/* Its greatest number, 0 when it is empty. */
uint32_t sequence_max(struct sequence const *set);

/* Takes all numbers up to N out of a resolved set. */
void sequence_drop(struct sequence *set, uint32_t n);

/* For sets that are told: N is greater than all before. 1, or 0 with errno. */
int sequence_add(struct sequence *set, uint32_t n);
int sequence_add_range(struct sequence *set, uint32_t first, uint32_t last);
int sequence_format(struct sequence const *set, stralloc *out);

#endif
