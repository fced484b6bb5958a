/* SPDX-License-Identifier: ISC */
/* SIGTERM: what a server may have by now is waited for and written down; all
 * else is left as it is, for the next try. */
#ifndef BESACE_RELAY_ENDING_H
#define BESACE_RELAY_ENDING_H

#include <stdbool.h>

/* From now on it is ours. */
void ending_watch(void);

/* Readable once we are asked to end; -1: never. */
int ending_fd(void);

bool ending_is_asked(void);

#endif
