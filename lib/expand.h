/* SPDX-License-Identifier: ISC */
/* Where an address leads through the aliases: for RCPT, deliver and besace. */
#ifndef BESACE_EXPAND_H
#define BESACE_EXPAND_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/genalloc.h>

#include "lookup.h"

enum {
	EXPAND_DEPTH_MAX = 16,       /* aliases of aliases */
	EXPAND_ADDRESSES_MAX = 20000 /* named for one message */
};

enum expand_kind {
	/* targets: what an expansion ends in */
	EXPAND_FAILED = -1, /* for now: a map, or an alias to be mended */
	EXPAND_UNKNOWN,     /* our domain, no such address */
	EXPAND_CIRCLE, /* the recipient's aliases lead only to each other */
	EXPAND_REMOTE, /* not one of our domains */
	EXPAND_MAILBOX,
	/* on the way there */
	EXPAND_PENDING,  /* not looked up yet */
	EXPAND_ALIAS,    /* its targets are steps further on */
	EXPAND_REPEATED, /* named before, and not followed again */
};

struct expand_step {
	enum expand_kind kind;
	unsigned int depth; /* aliases above it; 0: the recipient itself */
	size_t parent;      /* the step of the alias that names it */
	char *to; /* as written, with its extension; in lower case, but for
	           * another server as it came */
	char const *code;           /* of a failure: enhanced status code */
	char const *reason;         /* and why */
	struct lookup_result found; /* EXPAND_MAILBOX and EXPAND_ALIAS */
	bool kept; /* EXPAND_ALIAS: the mailbox of its name is a target */
};

struct expansion {
	struct lookup *lookup;
	size_t *addresses; /* named so far for this message */
	genalloc steps;    /* struct expand_step, breadth first */
	genalloc hashes;   /* uint32_t: of the address of each */
	size_t next;       /* the first step that is EXPAND_PENDING */
	bool found;        /* there was a target */
	bool no_aliases;   /* a recipient that has a mailbox means that */
	bool broken;       /* an alias cannot be followed, or not to its end */
};

/* A recipient as text: an address, or "postmaster" alone, which is the one at
 * L's host name (RFC 5321 4.1.1.3). 1; 0 when it is neither. */
int expand_parse(struct lookup const *l, char const *text, struct address *a);

/* Starts with recipient A; an address without a domain is one at L's host name.
 * *ADDRESSES is counted up; 0 for a new message. 1, or 0 with errno (memory);
 * expand_end is due in any case. */
int expand_begin(struct expansion *e, struct lookup *l, struct address const *a,
    size_t *addresses);

/* The next target. 1 and *TARGET, good until the next call; 0 after the last,
 * of which there is at least one; -1 with errno (memory). An address that comes
 * again is not followed again. An alias that leads back to itself means the
 * mailbox of its name, where there is one: "bob bob, bob@elsewhere" keeps a
 * copy (as Postfix's virtual(5)). Breadth first, so that the address nearest to
 * the recipient is the one that stands for a mailbox. */
int expand_next(struct expansion *e, struct expand_step const **target);

/* When it is broken, the recipient as a whole is to wait: who tries it again
 * names the alias, which leads to all of its targets anew. */

/* All steps so far, targets and those on the way. */
size_t expand_count(struct expansion const *e);
struct expand_step *expand_step(struct expansion const *e, size_t i);

void expand_end(struct expansion *e);

#endif
