/* SPDX-License-Identifier: ISC */
/* What aliases send to other servers: in whose name, and what they do not. */
#ifndef BESACE_DELIVER_FORWARD_H
#define BESACE_DELIVER_FORWARD_H

#include <skalibs/stralloc.h>

#include "headers.h"
#include "lookup.h"
#include "route.h"

struct forward {
	char const *sender; /* NULL: unknown */
	char const *user;   /* who logged in to send it; NULL: nobody */
	struct headers const *message;
	struct lookup *lookup;
	/* Its own: the reverse-path of what aliases send on, with a NUL: the
	 * sender, or one of ours by SRS, when the sender is none that we may
	 * send for. */
	stralloc path;
};

/* Looks through R. A target at another server fails that an alias leads to
 * when the message is spam, or was sent on by the same alias before; and one
 * that a reverse-path of ours leads to when the message is no bounce. 1; 0,
 * logged, when there is no reverse-path for those that are left: nothing is to
 * be delivered, as a later try of them alone would not know of the alias. */
int forward_check(struct forward *f, struct route *r);

void forward_free(struct forward *f);

#endif
