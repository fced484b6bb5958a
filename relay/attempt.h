/* SPDX-License-Identifier: ISC */
/* One file of the queue: its recipients are sent, and what became of them is
 * written to it. */
#ifndef BESACE_RELAY_ATTEMPT_H
#define BESACE_RELAY_ATTEMPT_H

#include "destination.h"
#include "queue-entry.h"
#include "settings.h"

struct attempt {
	int queue;
	/* why a file is not for here; NULL when it is */
	char const *(*refuse)(void *arg, struct queue_entry const *e);
	void *arg;
	struct settings const *settings;
	struct destination *destination;
};

enum attempt_result {
	ATTEMPT_DONE,      /* all is recorded, or there was nothing to do */
	ATTEMPT_SKIPPED,   /* somebody has it, it is damaged, not for here */
	ATTEMPT_UNRECORDED /* it could not be written: go no further */
};

/* Sends what waits in the file PATH ("new/ID"). Prints and logs a line for each
 * recipient. */
enum attempt_result attempt_file(struct attempt *a, char const *path);

#endif
