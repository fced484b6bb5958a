/* SPDX-License-Identifier: ISC */
/* Tags in patterns: "<A>" stands for all that looks like an A. */
#ifndef SPAMSCORE_REPLACE_H
#define SPAMSCORE_REPLACE_H

#include <skalibs/stralloc.h>
#include "config.h"
#include "span.h"

/* *OUT becomes PATTERN with its tags replaced. "<pre X>", "<post X>" and
 * "<inter X>" in it go, and what X stands for is put before and behind each tag
 * and between two that touch. A text that grows too large stays as it is. 1, or
 * 0 with errno. Pure. */
int replace_tags(struct rules const *rules, struct span pattern, stralloc *out);

/* Compiles the patterns of all rules named by "replace_rules" anew: to be done
 * once, when all files are read. 1, or 0 with errno. */
int replace_all(struct config *c);

#endif
