/* SPDX-License-Identifier: ISC */
/* What comes into new/ of the queue while we run. */
#ifndef BESACE_ARRIVALS_H
#define BESACE_ARRIVALS_H

#include "queue.h"

/* A descriptor that can be read when something came; -1, logged: look yourself. */
int arrivals_open(int queue);

/* The next of them. 1; 0: none for now; -1: some were missed, look yourself. */
int arrivals_next(int fd, struct queue_name *name);

/* Files in new/ that have no name of the queue go to corrupt/, logged: nobody
 * would ever try them. */
void arrivals_drop_foreign(int queue);

#endif
