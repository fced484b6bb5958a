/* SPDX-License-Identifier: ISC */
/* The order that SORT (RFC 5256, RFC 5957) asks for. Pure. */
#ifndef IMAP_SORT_H
#define IMAP_SORT_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "parse.h"

enum sort_kind {
	SORT_ARRIVAL,
	SORT_CC,
	SORT_DATE,
	SORT_DISPLAYFROM,
	SORT_DISPLAYTO,
	SORT_FROM,
	SORT_SIZE,
	SORT_SUBJECT,
	SORT_TO,
	SORT_KINDS
};

struct sort_criterion {
	enum sort_kind kind;
	bool reverse;
};

struct sort_order {
	struct sort_criterion by[SORT_KINDS]; /* each kind once */
	unsigned count;
};

/* "(" sort-criterion *(SP sort-criterion) ")" */
bool cursor_sort(struct cursor *c, struct sort_order *o);

/* What a message is sorted by: a number, or LEN octets of text at AT in the
 * pool, of which the number is the first. */
struct sort_value {
	int64_t number;
	size_t at;
	size_t len;
};

struct sorter {
	struct sort_order order;
	stralloc pool;
	stralloc values; /* of struct sort_value, order.count a message */
};

/* Adds a text to the pool. 1, or 0 out of memory. */
int sorter_text(struct sorter *s, char const *text, size_t len,
    struct sort_value *v);

/* The order of two messages by their values, of which the places are told: less
 * than 0, 0, more. */
int sorter_compare(struct sorter const *s, uint32_t a, uint32_t b);

/* Puts N numbers, whose messages' values were added one after the other, in
 * order. Equal ones stay as they are. 1, or 0 out of memory. */
int sorter_sort(struct sorter *s, uint32_t *numbers, size_t n);
void sorter_free(struct sorter *s);

#endif
