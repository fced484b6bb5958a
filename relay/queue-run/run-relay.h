/* SPDX-License-Identifier: ISC */
#ifndef BESACE_RUN_RELAY_H
#define BESACE_RUN_RELAY_H

#include "batch.h"

/* relay, with the files of the batch, to its end, or until it shows no result
 * for longer than all time limits together: then it is killed, and all files are
 * as they were written last. What is wrong is logged. */
void run_relay(struct settings const *s, int queue, struct batch const *b);

/* SIGTERM goes on to it. */
void run_relay_watch(void);

/* There was one: nothing new is to be begun. */
bool run_relay_is_ending(void);

#endif
