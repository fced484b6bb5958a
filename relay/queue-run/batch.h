/* SPDX-License-Identifier: ISC */
/* Some files of one destination: tried, then settled, in a process of their
 * own. */
#ifndef BESACE_BATCH_H
#define BESACE_BATCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hash-file.h"
#include "settings.h"

/* What the process ends with, besides 0 and signals. */
enum { BATCH_SILENT = 1 }; /* the destination does not answer at all */

enum batch_way {
	BATCH_TRY,   /* by relay, or the delivery of this server */
	BATCH_SETTLE /* as it is: nothing is left to try, or nobody answers */
};

struct batch {
	enum batch_way way;
	char const *destination;
	char const *identity;         /* of the way there */
	struct hash_file const *dead; /* where it is noted as dead; or NULL */
	char const *const *path;      /* of files below the queue */
	size_t count;
};

/* Starts the process. Its id, -1 with errno. */
pid_t batch_start(struct settings const *s, int queue, struct batch const *b);

#endif
