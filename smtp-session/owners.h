/* SPDX-License-Identifier: ISC */
/* Whose an address is: which logins may send as it. */
#ifndef SMTP_OWNERS_H
#define SMTP_OWNERS_H

#include <skalibs/stralloc.h>
#include "address.h"
#include "lookup.h"

struct map;

struct owners {
	enum lookup_kind kind; /* what the address itself is */
	stralloc logins;       /* one a line; empty: nobody's */
};

#define OWNERS_ZERO \
	{ \
		LOOKUP_UNKNOWN, STRALLOC_ZERO \
	}

/* Who owns A, in this order:
 *   the logins that SENDERS (address to logins; may be NULL) has for it;
 *   a mailbox, with any extension: the login of its name, and the logins that
 *   SENDERS has for that name;
 *   an alias: the logins that SENDERS has for it without the extension, else
 *   whoever owns its target, if there is but one;
 *   what is in no table: the logins that SENDERS has for "@domain".
 * 1, or 0 when a table cannot be read (logged). */
int owners_find(struct lookup *lookup, struct map *senders,
    struct address const *a, struct owners *o);

bool owners_have(struct owners const *o, stralloc const *login);

#endif
