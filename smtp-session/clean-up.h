/* SPDX-License-Identifier: ISC */
/* The message as the filters are to see it. */
#ifndef SMTP_CLEAN_UP_H
#define SMTP_CLEAN_UP_H

#include "back.h"

/* Puts the header of the transaction's message right (header-edit.h); the
 * message is copied only when something changes. 1; 0 logged: try again later. */
int clean_up(struct smtp_back *b);

#endif
