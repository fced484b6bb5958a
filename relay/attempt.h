/* SPDX-License-Identifier: ISC */
/* One file of the queue: its recipients are sent, and what became of them is
 * written to it. */
#ifndef BESACE_RELAY_ATTEMPT_H
#define BESACE_RELAY_ATTEMPT_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

#include "destination.h"
#include "queue.h"
#include "settings.h"

struct attempt {
	int queue;
	/* why mail of the file to DOMAIN is not for here; NULL when it is */
	char const *(*refuse)(void *arg, struct queue_entry const *e,
	    char const *domain);
	void *arg;
	struct settings const *settings;
	struct destination *destination;
	/* zero at first: of files that are done and removed, not synced yet */
	bool removed[QUEUE_BOXES]; /* from these directories */
	stralloc lines;            /* for standard output */
};

enum attempt_result {
	ATTEMPT_DONE,      /* all is recorded, or there was nothing to do */
	ATTEMPT_SKIPPED,   /* somebody has it, it is damaged, not for here */
	ATTEMPT_UNRECORDED /* it could not be written: go no further */
};

/* Sends what waits in the file PATH ("new/ID"). Logs and prints a line for each
 * recipient. A file in which nothing is left to do is removed; that is synced
 * while the next one is on its way, or by attempt_sync. */
enum attempt_result attempt_file(struct attempt *a, char const *path);

/* What was recorded stays so after a power cut, and is printed. DONE, or
 * UNRECORDED. */
enum attempt_result attempt_sync(struct attempt *a);

#endif
