/* SPDX-License-Identifier: ISC */
/* Lists of addresses as people and header fields write them, RFC 5322 section
 * 3.4: names, groups, comments, quotes, folds, old routes. Pure. */
#ifndef SENDMAIL_ADDRESS_LIST_H
#define SENDMAIL_ADDRESS_LIST_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Appends each address, bare ("alice@example.org", or "root" where a domain is
 * missing) and ended by LF, to *OUT. 1; 0 when it is no such list; -1 with
 * errno. What is in an address is for address_parse to judge. */
int address_list(char const *s, size_t len, stralloc *out);

#endif
