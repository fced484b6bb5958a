/* SPDX-License-Identifier: ISC */
/* The trace field, RFC 5321 4.4 and RFC 3848. */
#ifndef SMTP_RECEIVED_H
#define SMTP_RECEIVED_H

#include <time.h>
#include <skalibs/stralloc.h>
#include "back.h"

/* Appends "Received: ...\n". Whatever came from the client is made harmless
 * for a header first. 1, or 0 with errno. Pure. */
int received_format(struct smtp_back const *b, time_t now, stralloc *out);

#endif
