/* SPDX-License-Identifier: ISC */
/* Where the web server mta-sts.DOMAIN is, by our own resolver. */
#ifndef BESACE_MTA_STS_FETCH_POLICY_HOST_H
#define BESACE_MTA_STS_FETCH_POLICY_HOST_H

#include <netinet/in.h>

#include "dns.h"
#include "settings.h"

enum { POLICY_HOST_ADDRESSES = 8 };

struct policy_host {
	char name[DNS_NAME_MAX + 1]; /* mta-sts.DOMAIN */
	unsigned int port;
	unsigned int count;
	char ip[POLICY_HOST_ADDRESSES][INET6_ADDRSTRLEN];
};

/* The host of DOMAIN, a host name. 1, or 0 when that is too long. */
int policy_host_name(struct policy_host *h, char const *domain);

/* Finds its port and its addresses, those that may be talked to. NULL, or why
 * there are none: a sentence part. */
char const *policy_host_find(struct policy_host *h,
    struct settings const *settings);

#endif
