/* SPDX-License-Identifier: ISC */
/* The notices about a queue file: made, and handed to the delivery. */
#ifndef BESACE_NOTIFY_H
#define BESACE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "queue.h"
#include "settings.h"

/* Sends what notices F's entry asks for now, and notes those that are safe in
 * the entry, which the caller is to record: a crash between may double a notice,
 * never lose it. Whether there was something to note; what could not be sent now
 * is asked for again the next time. */
bool notify_all(struct settings const *s, struct queue_file *f, int64_t now);

#endif
