/* SPDX-License-Identifier: ISC */
/* Where a message goes: recipients to mailboxes, through the aliases. */
#ifndef BESACE_DELIVER_ROUTE_H
#define BESACE_DELIVER_ROUTE_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/genalloc.h>

#include "lookup.h"

/* One mailbox or address elsewhere that a recipient leads to, or one reason why
 * not. */
struct target {
	char *original;   /* the recipient as it was given */
	size_t recipient; /* its number, in the order they were added */
	char *to;         /* the final address, with its extension; lower case,
	                   * but as it came for another server */
	char *path;       /* mailbox below virtual_mailbox_base; NULL: none */
	char *extension;  /* with a mailbox: what the lookup cut off */
	char *domain; /* of another server: lower case, A-labels; NULL: none */
	char *via;    /* the alias that names an address elsewhere, or the
	                   * reverse-path of ours that leads to it; NULL: it is
	                   * the recipient itself */
	struct quota_limit quota; /* of the mailbox */
	bool is_return;           /* such a reverse-path */
	int status;               /* EXIT_OK, or what the failure counts as */
	char *answer;  /* the reply for a failure: "5.1.1 <x>: ..." */
	size_t first;  /* index of the first target with this mailbox, or this
	                   * address elsewhere: the one that is delivered, whose
	                   * fate is this one's; its own when it is that */
	char *file;    /* once stored: path below virtual_mailbox_base */
	uint64_t size; /* and its size */
	char *queued;  /* once in the queue: "queue/ID" */
};

struct route {
	genalloc targets;     /* struct target */
	size_t addresses;     /* named so far: expand.h */
	size_t recipients;    /* added so far */
	char const *original; /* the targets' original; NULL: the recipient */
	bool no_aliases;      /* a recipient that has a mailbox means that */
};

#define ROUTE_ZERO \
	{ \
		GENALLOC_ZERO, 0, 0, NULL, false \
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
