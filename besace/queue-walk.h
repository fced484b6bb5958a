/* SPDX-License-Identifier: ISC */
/* The files of the queue that are meant, one after the other. */
#ifndef BESACE_QUEUE_WALK_H
#define BESACE_QUEUE_WALK_H

#include <stddef.h>
#include <skalibs/stralloc.h>

#include "queue-filter.h"
#include "queue.h"

enum { QUEUE_ALL_BOXES = (1 << QUEUE_BOXES) - 1 };

/* What is done with each file that is meant; F is open, without a group when it
 * is damaged. */
struct queue_walk {
	int queue;
	enum queue_lock lock;
	struct queue_filter filter;
	bool (*call)(struct queue_walk *w, struct queue_file *f);
	enum queue_result (*change)(struct queue_file *f);
	int64_t now;
	size_t count;
	size_t busy; /* were left alone, being tried */
	size_t overdue;
	size_t foreign[QUEUE_BOXES]; /* files without a name of the queue */
	stralloc text;
};

/* Calls it for each in BOXES, a set of 1 << box. False: something went wrong,
 * and was said. */
bool queue_walk(struct queue_walk *w, unsigned int boxes);

/* Says that it was not possible, and errno. EXIT_IO. */
int queue_complain(char const *what, char const *object);

#endif
