/* SPDX-License-Identifier: ISC */
/* The TLSA records of a host: where they are, and what the DNS says of them
 * (RFC 7672 section 2.2). */
#ifndef BESACE_RELAY_DANE_H
#define BESACE_RELAY_DANE_H

#include "dns.h"
#include "hosts.h"
#include "tlsa.h"

enum dane_result {
	DANE_FAILED, /* there may be some: the host is not safe to use */
	DANE_NONE,   /* there are none that are signed */
	DANE_FOUND   /* there are; perhaps none of use */
};

struct dane {
	char base[DNS_NAME_MAX + 1]; /* of what name they are */
	struct tlsa_set set;         /* those of use */
};

/* Of HOST's service on PORT. D's set is to be empty. With DANE_FAILED the base
 * is the name that there is no answer about. */
enum dane_result dane_find(struct dane *d, struct dns *dns,
    struct host const *host, unsigned int port);

#endif
