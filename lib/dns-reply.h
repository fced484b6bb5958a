/* SPDX-License-Identifier: ISC */
/* Replies of the DNS: what is in a message. Pure. Records of the types that
 * c-ares has a parser for are parsed by it, names always. */
#ifndef BESACE_DNS_REPLY_H
#define BESACE_DNS_REPLY_H

#include "dns.h"

/* Reads the reply, a DNS message, to a question for records of a type, and
 * calls THEN once. TRUSTED: what it says of signatures (AD) is believed. */
void dns_read(char const *s, size_t len, enum dns_type type, bool trusted,
    dns_then *then, void *arg);

/* What a status of c-ares says. */
enum dns_status dns_status_of(int ares);

/* For answers that do not come from the network: */

/* One more record; of too many, those that are to be tried first stay. */
void dns_answer_add(struct dns_answer *a, char const *text, size_t len,
    unsigned int preference);

/* Where an answer's addresses live until it has been given. */
struct dns_addresses {
	char text[DNS_RECORDS_MAX][46];
};

/* An in_addr or in6_addr as one more record. */
void dns_answer_add_address(struct dns_answer *a, struct dns_addresses *t,
    int family, void const *addr);

#endif
