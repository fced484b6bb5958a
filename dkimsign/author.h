/* SPDX-License-Identifier: ISC */
/* Who the message says it is from: RFC 5322 section 3.6.2. */
#ifndef DKIMSIGN_AUTHOR_H
#define DKIMSIGN_AUTHOR_H

#include <stddef.h>
#include <skalibs/stralloc.h>

enum { AUTHOR_DOMAIN_MAX = 255 };

enum author {
	AUTHOR_NONE,    /* no From field */
	AUTHOR_SEVERAL, /* more than one From field */
	AUTHOR_BAD,     /* no address can be read from it */
	AUTHOR_ONE
};

/* The domain, in lower case and A-labels, of the first mailbox of the message's one From
 * field. *DOMAIN is replaced for AUTHOR_ONE. -1 with errno. Pure. */
int author_domain(char const *m, size_t len, stralloc *domain);

#endif
