/* SPDX-License-Identifier: ISC */
/* Which messages of the queue are meant. */
#ifndef BESACE_QUEUE_FILTER_H
#define BESACE_QUEUE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "queue-entry.h"
#include "queue-name.h"

struct queue_filter {
	bool given;         /* an option was */
	char const *domain; /* destination, or "local"; NULL: all */
	char const *sender; /* address, "@domain", "<>"; NULL: all */
	char const *recipient;
	int box;       /* of enum queue_box; -1: all */
	int64_t older; /* seconds since the arrival, at least */
	bool yes;      /* it is meant */
};

/* Nothing, or all. */
#define QUEUE_FILTER_ALL \
	{ \
		.box = -1 \
	}

/* DOMAIN is meant, in any of its forms. False: it is none. */
bool queue_filter_domain(struct queue_filter *f, char const *domain);

/* Takes an option off ARGV. How many words it was; 0 there is none; -1 it is
 * wrong. */
int queue_filter_take(struct queue_filter *f, int argc, char *const *argv);

/* Whether a message is meant: the filter's box is looked at elsewhere. E
 * without a group is one of a damaged file, of which nothing is known. Pure. */
bool queue_filter_fits(struct queue_filter const *f,
    struct queue_entry const *e, int64_t now);

#endif
