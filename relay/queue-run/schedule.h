/* SPDX-License-Identifier: ISC */
/* When queued mail is tried again, warned about, given up. Pure; times are
 * seconds. */
#ifndef BESACE_SCHEDULE_H
#define BESACE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "queue-entry.h"
#include "settings.h"

/* From then on what is still waiting has failed. */
int64_t schedule_end(struct settings const *s, struct queue_entry const *e);

/* Whether the sender is to be told now that it takes longer; of which recipients
 * schedule_is_warned says. */
bool schedule_warns(struct settings const *s, struct queue_entry const *e,
    int64_t now);

/* Whether R is one that such a notice is about. */
bool schedule_is_warned(struct queue_recipient const *r);

/* The time of the next try: minimal_backoff_time, doubled with each attempt up
 * to maximal_backoff_time, and a quarter of it more or less as LUCK, any number,
 * has it; not later than the next warning or the end. */
int64_t schedule_next(struct settings const *s, struct queue_entry const *e,
    int64_t now, uint32_t luck);

/* The time for a message that is not tried, as its host does not answer: soon
 * after UNTIL. */
int64_t schedule_behind(struct settings const *s, struct queue_entry const *e,
    int64_t now, int64_t until, uint32_t luck);

/* Seconds from now that schedule_next never goes beyond. */
int64_t schedule_longest(struct settings const *s);

#endif
