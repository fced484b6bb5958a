/* SPDX-License-Identifier: ISC */
/* Queued mail in plain words, as lines for a terminal. Pure; all append to SA.
 * 1, or 0 with errno. */
#ifndef BESACE_QUEUE_WORDS_H
#define BESACE_QUEUE_WORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

#include "queue.h"

/* "12 minutes": the largest unit that makes two of it, or seconds. */
int queue_words_duration(stralloc *sa, int64_t seconds);

/* "ID from SENDER to GROUP, 4321 bytes, 2 hours old" and a line end. */
int queue_words_message(stralloc *sa, struct queue_file const *f, int64_t now);

/* "    ADDRESS: next try in 12 minutes, tried 3 times: HOST said: 450 4.2.1 mailbox
 * busy" and a line end. UNDER_WAY: somebody has the file, to try it. */
int queue_words_recipient(stralloc *sa, struct queue_file const *f,
    struct queue_recipient const *r, bool under_way, int64_t now);

/* The message and the envelope, a line each. */
int queue_words_details(stralloc *sa, struct queue_file const *f);

#endif
