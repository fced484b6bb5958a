/* SPDX-License-Identifier: ISC */
/* The steps of threading that look at all messages. They change nodes' parents
 * only; threads_arrange makes lists of that. All that return int: 1, or 0 out of
 * memory. */
#ifndef IMAP_THREAD_ORDER_H
#define IMAP_THREAD_ORDER_H

#include "thread.h"

/* -1: out of memory. */
int threads_new_node(struct threads *t);

/* RFC 5256 step 3 of REFERENCES: what is only referred to goes, unless it holds
 * several threads together. */
void threads_prune(struct threads *t);

/* Steps 4 and 6: children and threads in the order of their dates. */
int threads_arrange(struct threads *t);

/* Step 5: threads with the same base subject become one. */
int threads_gather_subjects(struct threads *t);

/* ORDEREDSUBJECT: messages with the same base subject, below the oldest. */
int threads_join_subjects(struct threads *t);

#endif
