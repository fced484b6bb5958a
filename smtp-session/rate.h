/* SPDX-License-Identifier: ISC */
/* How much a user sends, in an hour and in a day, over all sessions: a stolen
 * password must not make us a source of spam. */
#ifndef SMTP_RATE_H
#define SMTP_RATE_H

#include "back.h"

enum rate_kind { RATE_MESSAGES, RATE_RECIPIENTS, RATE_KINDS };

/* Counts one more for the user who logged in; not for others. NULL, or the
 * reply: nothing is counted then. */
char const *rate_refusal(struct smtp_back *b, enum rate_kind kind);

#endif
