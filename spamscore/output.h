/* SPDX-License-Identifier: ISC */
/* The message with its X-Spam fields. */
#ifndef SPAMSCORE_OUTPUT_H
#define SPAMSCORE_OUTPUT_H

#include <skalibs/stralloc.h>
#include "span.h"

/* *HEAD becomes what replaces the first *BODY octets of MESSAGE, an mbox line
 * included: the header without the X-Spam fields it came with (those that keep
 * an older subject stay), and with FIELDS (LF line ends) at the top. With
 * SUBJECT, the Subject's value is replaced by it, and what it was is kept in
 * X-Spam-Prev-Subject. Line ends are those of the message. 1, or 0 with errno.
 * Pure. */
int output_head(struct span message, struct span fields, char const *subject,
    stralloc *head, size_t *body);

#endif
