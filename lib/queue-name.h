/* SPDX-License-Identifier: ISC */
/* The names of the files of the queue (queue.h). Pure. */
#ifndef BESACE_QUEUE_NAME_H
#define BESACE_QUEUE_NAME_H

#include <stdint.h>

enum { QUEUE_NAME_MAX = 64 };

enum queue_box {
	QUEUE_NEW,
	QUEUE_DEFERRED,
	QUEUE_HOLD,
	QUEUE_CORRUPT,
	QUEUE_BOXES /* how many */
};

/* What a file's name says: "deferred/1795269878.1q4c8hb2zt5m0v7k3xw". */
struct queue_name {
	char path[QUEUE_NAME_MAX]; /* below the queue */
	enum queue_box box;
	int64_t due; /* seconds; 0 but in deferred/ */
};

/* Reads a name. 1, or 0 when it is none. */
int queue_name_parse(char const *path, struct queue_name *name);

/* The same of FILE, a name without the directory of BOX. */
int queue_name_parse_in(enum queue_box box, char const *file,
    struct queue_name *name);

/* The name of ID in BOX; DUE is for QUEUE_DEFERRED. */
void queue_name_make(struct queue_name *name, enum queue_box box, int64_t due,
    char const *id);

/* The id, a part of the name. It stays through all boxes. */
char const *queue_name_id(struct queue_name const *name);

/* "new", "deferred", "hold", "corrupt" */
char const *queue_box_name(enum queue_box box);

#endif
