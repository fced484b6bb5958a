/* SPDX-License-Identifier: ISC */
/* The part of a notice that is for people. Pure. */
#ifndef BESACE_ADVICE_H
#define BESACE_ADVICE_H

#include "notice.h"

/* Appends the text, UTF-8. RETURNED: "message" or "header", what comes back.
 * 1, or 0 with errno. */
int advice_put(struct notice const *n, char const *returned, stralloc *out);

/* Whether a recipient failed because time was over. */
bool advice_is_expired(struct queue_recipient const *r);

/* What its sender can do about a status code, in a sentence; never NULL. */
char const *advice_for(char const *status);

#endif
