/* SPDX-License-Identifier: ISC */
/* A file of the queue on standard output. TEXT is memory to be used again and
 * again. All: false with errno. */
#ifndef BESACE_QUEUE_PRINT_H
#define BESACE_QUEUE_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

#include "queue.h"

/* TEXT itself, unless it could not be MADE. */
bool queue_print(stralloc const *text, int made);

/* A line for the message, and one for each recipient; or these alone. */
bool queue_print_file(struct queue_file const *f, stralloc *text, int64_t now);
bool queue_print_recipients(struct queue_file const *f, stralloc *text,
    int64_t now);

/* Each line of the message's header, made harmless. */
bool queue_print_header(struct queue_file const *f, stralloc *text);

#endif
