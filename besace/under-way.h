/* SPDX-License-Identifier: ISC */
/* Which files of the queue somebody is trying at this moment. */
#ifndef BESACE_UNDER_WAY_H
#define BESACE_UNDER_WAY_H

#include <stdbool.h>

#include "queue.h"

/* Whether somebody had the file's lock when this was asked first: found out
 * without a lock of ours, as who wants it meanwhile would pass the file over.
 * Where that cannot be seen, nobody has. */
bool is_under_way(struct queue_file const *f);

#endif
