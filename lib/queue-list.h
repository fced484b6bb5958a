/* SPDX-License-Identifier: ISC */
/* The files of the queue (queue.h), one after the other. */
#ifndef BESACE_QUEUE_LIST_H
#define BESACE_QUEUE_LIST_H

#include <dirent.h>
#include <stddef.h>

#include "queue-name.h"

struct queue_list {
	DIR *dir;
	enum queue_box box;
	size_t foreign; /* passed over: they have no name of the queue */
};

/* The names in BOX, one after the other, without opening a file: in the order
 * of the directory, which is none. 1, or 0 with errno. */
int queue_list_open(struct queue_list *l, int queue, enum queue_box box);

/* 1 and a name, which may be gone by now; 0 at the end; -1 with errno. */
int queue_list_next(struct queue_list *l, struct queue_name *name);

void queue_list_close(struct queue_list *l);

#endif
