/* SPDX-License-Identifier: ISC */
/* Messages put into threads (RFC 5256 section 3). Nothing of it recurses, and
 * its time is nearly linear, whatever the messages refer to. Pure. */
#ifndef IMAP_THREAD_H
#define IMAP_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "bytes.h"
#include "message-ids.h"
#include "sort-facts.h"

enum {
	THREAD_IDS_MAX = 400000,     /* of messages, and what they refer to */
	THREAD_REFERENCES_MAX = 100, /* of a message; of more, the last too */
	THREAD_SUBJECT_MAX =
	    SORT_TEXT_MAX /* octets of a base subject that count */
};

enum thread_algorithm {
	THREAD_ORDEREDSUBJECT,
	THREAD_REFERENCES,
	THREAD_REFS /* the same without a look at subjects; the threads in the
		     * order of their latest messages */
};

struct thread_message {
	uint32_t number; /* as it is told, not 0 */
	int64_t date;    /* when it was sent */
	struct sort_ids_fact ids;
	struct bytes subject; /* base subject, ready to be compared */
	bool reply;           /* the subject is of a reply or forwarded */
};

struct thread_node {
	uint32_t number; /* 0: only referred to */
	int parent;      /* -1: none */
	int child, next; /* in order; -1: none */
	int64_t date;
	uint32_t order; /* in which messages came */
	bool has_children;
	bool reply;
	uint32_t subject_len;
	size_t subject; /* in the pool */
};

struct threads {
	enum thread_algorithm algorithm;
	struct thread_node *nodes;
	size_t room;
	int count;
	int first;      /* thread; the others are its nexts; -1: none */
	uint64_t steps; /* that may still be taken in search of loops */
	struct message_ids ids;
	stralloc of_id; /* of int: the node of each id */
	stralloc pool;
};

void threads_start(struct threads *t, enum thread_algorithm algorithm);

/* In the order of sequence numbers. 1, or 0 out of memory. */
int threads_add(struct threads *t, struct thread_message const *m);

/* Makes the threads of what was added. 1, or 0 out of memory. */
int threads_finish(struct threads *t);

/* Appends " (1 2 (3)(4))..." 1, or 0 out of memory. */
int threads_format(struct threads const *t, stralloc *out);

void threads_free(struct threads *t);

#endif
