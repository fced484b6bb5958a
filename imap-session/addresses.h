/* SPDX-License-Identifier: ISC */
/* Address lists of header fields (RFC 5322 section 3.4, obsolete forms and what
 * mailers write instead), as ENVELOPE wants them. Pure, linear, without
 * recursion. */
#ifndef IMAP_ADDRESSES_H
#define IMAP_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>
#include "header.h"

enum { ADDRESSES_MAX = 10000 };

enum mail_address_kind { MAIL_ADDRESS, MAIL_GROUP_START, MAIL_GROUP_END };

struct mail_address {
	enum mail_address_kind kind;
	struct span name;  /* of a group, its own name */
	struct span route; /* "@a,@b" */
	struct span local;
	struct span host;
};

struct mail_addresses {
	stralloc pool;
	stralloc list; /* of struct mail_address */
};

/* Appends the addresses of one field's value. 1, or 0 out of memory. */
int addresses_parse(struct mail_addresses *a, char const *s, size_t len);

size_t addresses_count(struct mail_addresses const *a);
struct mail_address const *addresses_at(struct mail_addresses const *a,
    size_t i);
void addresses_free(struct mail_addresses *a);

#endif
