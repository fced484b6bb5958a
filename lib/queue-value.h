/* SPDX-License-Identifier: ISC */
/* The values in the lines of a queue file (queue-entry.h), each as text and as a
 * member of a structure. Pure. */
#ifndef BESACE_QUEUE_VALUE_H
#define BESACE_QUEUE_VALUE_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

#include "bytes.h"
#include "queue-entry.h"

/* Which member: */
enum queue_kind {
	QUEUE_TEXT,   /* char *, the structure's own */
	QUEUE_TIME,   /* int64_t, seconds */
	QUEUE_COUNT,  /* uint64_t */
	QUEUE_FLAG,   /* bool */
	QUEUE_STATE,  /* enum queue_state */
	QUEUE_NOTIFY, /* unsigned int, of enum dsn_notify */
	QUEUE_RET     /* enum dsn_ret */
};

/* Reads a value; a text that was there before is freed. 1; -1 when it is none of
 * this kind; 0 with errno. */
int queue_value_get(struct bytes value, enum queue_kind kind, void *into);

/* Whether the value is one that goes without saying. */
bool queue_value_unsaid(enum queue_kind kind, void const *from);

/* Appends the value. 1, or 0 with errno. */
int queue_value_put(stralloc *sa, enum queue_kind kind, void const *from);

/* Appends a value as it stands in the lines: nothing that a terminal would obey
 * comes through. 1, or 0 with errno. */
int queue_escape(stralloc *sa, char const *value);

/* "waiting", "relayed", "delivered", "failed", "expanded" */
char const *queue_state_name(enum queue_state state);

#endif
