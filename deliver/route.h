/* SPDX-License-Identifier: ISC */
/* Where a message goes: recipients to mailboxes, through the aliases. */
#ifndef BESACE_DELIVER_ROUTE_H
#define BESACE_DELIVER_ROUTE_H

#include <stdint.h>
#include <skalibs/genalloc.h>

#include "lookup.h"

/* One mailbox that a recipient leads to, or one reason why not. */
struct target {
	char *original; /* the recipient as it was given */
	char *to;       /* the final address, lower case, with its extension */
	char *path;     /* the mailbox below virtual_mailbox_base; NULL: none */
	int status;     /* EXIT_OK, or what the failure counts as */
	char *answer;   /* the reply for a failure: "5.1.1 <x>: ..." */
	size_t first;   /* index of the first target with this mailbox: the one
	                   that is delivered; its own when it is that */
	char *file;     /* once stored: path below virtual_mailbox_base */
	uint64_t size;  /* and its size */
};

struct route {
	genalloc targets; /* struct target */
	size_t addresses; /* named so far: expand.h */
};

#define ROUTE_ZERO \
	{ \
		GENALLOC_ZERO, 0 \
	}

size_t route_count(struct route const *r);
struct target *route_target(struct route *r, size_t i);

/* Expands RECIPIENT ("postmaster" alone is the one at L's host name) and adds
 * its targets, at least one. 1, or 0 with errno (memory). */
int route_add(struct route *r, struct lookup *l, char const *recipient);

/* The target has failed: STATUS, and an answer of CODE, its address and TEXT.
 * An answer that there is no memory for stays NULL. */
void target_fail(struct target *t, int status, char const *code,
    char const *text);

void route_free(struct route *r);

#endif
