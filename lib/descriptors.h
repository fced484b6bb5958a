/* SPDX-License-Identifier: ISC */
/* Descriptors 0, 1 and 2 at the start of a program: were one closed, the next
 * file opened would take its number, and a message or a reply go there. */
#ifndef BESACE_DESCRIPTORS_H
#define BESACE_DESCRIPTORS_H

#include <stdbool.h>

/* Whether the first NEEDED of them are open. The others are opened on
 * /dev/null where they are not. Call before anything is opened. */
bool descriptors_ready(int needed);

#endif
