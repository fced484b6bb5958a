/* SPDX-License-Identifier: ISC */
/* A message's way through the programs that settings name: the filters, then
 * the delivery. */
#ifndef BESACE_CHAIN_H
#define BESACE_CHAIN_H

#include <skalibs/stralloc.h>

#include "environment.h"
#include "settings.h"
#include "stage.h"

struct chain {
	struct settings const *settings;
	struct environment const *environment;
	int fd; /* the message; replaced by what a filter made of it */
	struct builtin const *builtins; /* may be NULL */
};

/* Whose setting counts: inbound_filters or outbound_filters. */
enum chain_side { CHAIN_INBOUND, CHAIN_OUTBOUND };

/* Runs the message through the side's filters, up to the first that does not
 * pass it. *TEXT is the reply of that one, see stage_run. A filter that is
 * broken, and did not decide anything, is left out where the side's
 * default_action says so. */
enum verdict chain_filter(struct chain *c, enum chain_side side,
    stralloc *text);

/* Hands the message to virtual_transport. RECIPIENTS ends each with a line
 * feed, and is cut into strings. */
enum verdict chain_deliver(struct chain *c, char const *sender,
    stralloc *recipients, stralloc *text);

#endif
