/* SPDX-License-Identifier: ISC */
/* The mailboxes of an address field: RFC 5322 section 3.4, read leniently. */
#ifndef SPAMSCORE_MAILBOX_H
#define SPAMSCORE_MAILBOX_H

#include <skalibs/stralloc.h>
#include "span.h"

/* Takes the next mailbox off LIST: *ADDRESS and *PHRASE are replaced by the
 * address and the name shown with it (a display name, else a comment), without
 * their quotes; either may be empty. 1; 0 at the end; -1 with errno. Pure. */
int mailbox_next(struct span *list, stralloc *address, stralloc *phrase);

#endif
