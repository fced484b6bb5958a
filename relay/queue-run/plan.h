/* SPDX-License-Identifier: ISC */
/* What is to be tried now, by next hop: the next hops take turns, each with a
 * few files, of its domains by turns. In memory only; the queue is the truth. */
#ifndef BESACE_PLAN_H
#define BESACE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "hash-file.h"
#include "queue.h"
#include "routes.h"
#include "settings.h"

struct plan_file {
	char path[QUEUE_NAME_MAX]; /* first: the key */
	struct plan_file *next;
	int64_t again; /* left behind: not taken before; 0: on its way */
};

/* What of one domain has just come, or is to be tried again. */
struct plan_domain {
	char *name; /* with the next: the key */
	bool fresh;
	struct plan_file *first, **last;
	struct plan_domain *next; /* in the ring */
};

/* Domains that take turns, and how many files theirs are. */
struct plan_ring {
	struct plan_domain *first, **last;
	size_t waiting;
};

/* A next hop, with the login there. */
struct destination {
	char *identity; /* first: the key */
	char *name;     /* as relay and the log have it; "": nothing to try */
	void *domains;  /* tree of struct plan_domain */
	struct plan_ring fresh, retries;
	uint64_t running; /* batches */
	uint64_t window;  /* so many of them at most */
	int64_t silent;   /* until then nothing is sent there */
	bool dead; /* it did not answer: one message at a time, until it does */
	struct plan_turns *in_turn; /* the list below that it is in */
	struct destination *next;
};

/* Whose turn it is, and how many batches of theirs run. */
struct plan_turns {
	struct destination *first, **last;
	size_t running;
};

struct plan {
	struct settings const *settings;
	struct routes const *routes;
	struct hash_file const *dead; /* dead-hops.h; NULL: in memory only */
	int queue;
	size_t workers;     /* batches at a time */
	void *files;        /* tree of struct plan_file */
	void *destinations; /* tree of struct destination */
	struct plan_turns fresh, retries;
	size_t left; /* files that stay behind under the name they had */
};

enum { PLAN_BATCH_MAX = 50 };

/* A batch that runs, or is to be started. */
struct plan_batch {
	struct destination *destination;
	struct plan_turns *turns; /* it was taken from */
	struct plan_file *file[PLAN_BATCH_MAX];
	struct batch batch;
	char const *path[PLAN_BATCH_MAX];
};

/* What is pointed to may change, see plan_renew. */
void plan_init(struct plan *p, struct settings const *s,
    struct routes const *routes, int queue, size_t workers);

/* Looks at the file of this name; adds it unless it is known. 1; 0 with errno:
 * it could not be looked at. */
int plan_add(struct plan *p, struct queue_name const *name, int64_t now);

/* The routes are others now: what is not on its way is planned anew. */
void plan_renew(struct plan *p, int64_t now);

/* The batch whose turn it is, none when all that is left has to wait for others
 * of its destination or for other retries. */
bool plan_take(struct plan *p, struct plan_batch *b, int64_t now);

/* The batch has ended. SILENT: its destination did not answer. */
void plan_end(struct plan *p, struct plan_batch *b, bool silent, int64_t now);

#endif
