/* SPDX-License-Identifier: ISC */
/* A look at the queue for what is due, a few files at a time: first new/, then
 * deferred/, where very much may wait: unless it is known from a look not long
 * ago that nothing there is due. */
#ifndef BESACE_LOOK_H
#define BESACE_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "queue.h"
#include "settings.h"

struct look {
	int queue;
	struct settings const *settings;
	bool under_way;
	bool failed;     /* some of it could not be read: logged */
	int64_t begun;   /* seconds */
	int64_t longest; /* from then; beyond is the work of a wrong clock */
	int64_t first;   /* when the first in deferred/ is due, if soon */
	struct queue_list list;
};

/* Looks from the beginning. Zero is a look that is not under way. */
void look_begin(struct look *l, int queue, struct settings const *s,
    int64_t now);

/* The next file that was due when the look began, among the next MOST names. 1
 * and the name; 0: none of them was, or the look is over. *MOST counts down. */
int look_next(struct look *l, unsigned int *most, struct queue_name *name);

#endif
