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
};

/* Runs the message through FILTERS, the value of a setting, up to the first that
 * does not pass it. *TEXT is the reply of that one, see stage_run. */
enum verdict chain_filter(struct chain *c, char const *filters, stralloc *text);

/* Hands the message to virtual_transport. RECIPIENTS ends each with a line
 * feed, and is cut into strings. */
enum verdict chain_deliver(struct chain *c, char const *sender,
    stralloc *recipients, stralloc *text);

#endif
