/* SPDX-License-Identifier: ISC */
/* What of a message goes to the queue: recipients at other servers; of the
 * others, when not all have the same fate, those that failed. */
#ifndef BESACE_DELIVER_ENQUEUE_H
#define BESACE_DELIVER_ENQUEUE_H

#include <skalibs/genalloc.h>

#include "envelope.h"
#include "forward.h"
#include "headers.h"
#include "route.h"
#include "routes.h"

struct enqueue {
	char const *sender; /* NULL: unknown */
	struct forward const *forward;
	struct envelope const *envelope;
	struct headers const *message;
	char const *answer; /* the reply when it failed */
	int queue;          /* the directory; -1: not to be had */
	/* its own: */
	genalloc files;       /* struct enqueue_file */
	genalloc places;      /* size_t: for each target, which of them */
	struct routes routes; /* open while files are made, if there are */
};

/* First phase: one file for each destination domain, or for domains that share a
 * next hop, and one for all that concerns this server, is written and synced in tmp/ of the queue, when there
 * is something for it; the targets' "queued" are set. In the local one are the
 * targets that failed for now, to be tried again; those that failed for good,
 * whose sender is to be told; and those just delivered whose sender wants to be
 * told. 1; 0, logged: the queue cannot be written. enqueue_finish is due in any
 * case. */
int enqueue_prepare(struct enqueue *q, struct route *r);

/* Second phase: all of them become visible, and may be taken by a runner at
 * once; then they stay after a power cut. 1, or 0, logged. */
int enqueue_show(struct enqueue *q);
int enqueue_sync(struct enqueue *q);

/* KEEP: they stay. Else all are taken back. */
void enqueue_finish(struct enqueue *q, bool keep);

#endif
