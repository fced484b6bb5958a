/* SPDX-License-Identifier: ISC */
/* DNS block and allow lists (RFC 5782), written as Postfix writes them:
 * "zen.example", "list.example=127.0.0.[2..11;13]". Pure. */
#ifndef BESACE_DNS_LIST_H
#define BESACE_DNS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include "dns.h"

struct dns_list {
	char const *zone;
	size_t zone_len;
	char const *filter; /* of the answers that count; may be empty */
	size_t filter_len;
};

/* One entry; its parts point into S. 1, or 0 when it is not one. */
int dns_list_parse(char const *s, size_t len, struct dns_list *l);

/* Whether a setting's value holds nothing but entries. */
bool dns_lists_valid(char const *s, size_t len);

/* The name to ask for the address IP: its octets, or nibbles, from the last to
 * the first, and the zone. 1, or 0 when there is none. */
int dns_list_question(struct dns_list const *l, char const *ip,
    char name[DNS_NAME_MAX + 1]);

/* Whether ANSWER ("127.0.0.2") means that the address is listed. Without a
 * filter that is all of 127.0.0.0/8, but not 127.255.255.0/24, by which lists
 * say that they do not answer us. */
bool dns_list_has(struct dns_list const *l, char const *answer);

#endif
