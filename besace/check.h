/* SPDX-License-Identifier: ISC */
/* Parts of tables_check that have a file of their own. */
#ifndef BESACE_CHECK_H
#define BESACE_CHECK_H

#include "tables.h"

/* Whether all that alias R leads to is itself and other aliases that lead
 * there: mail to it is refused. False when that is not seen in the first 64
 * aliases. */
bool check_alias_is_circle(struct tables const *t, struct record const *r);

/* Warns of programs in the settings that cannot be run, and of a file that
 * cannot be read. 1, or 0 with errno. */
int check_programs(struct tables *t);

/* Warns of passwords in routes that anybody can read, or that are for no next
 * hop. 1, or 0 with errno. */
int check_routes(struct tables *t);

#endif
