/* SPDX-License-Identifier: ISC */
/* "https:" URIs that somebody else wrote: RFC 9110 section 4.2.2 and RFC 3986,
 * of a host with a name. Pure. */
#ifndef BESACE_HTTPS_URI_H
#define BESACE_HTTPS_URI_H

#include <stddef.h>

#include "hostname.h"

enum { HTTPS_URI_MAX = 1000 /* octets */ };

struct https_uri {
	char host[HOSTNAME_MAX + 1]; /* in lower case */
	unsigned int port;           /* 0: it names none */
	char path[HTTPS_URI_MAX + 2]; /* and query, as written; begins with "/" */
};

/* 1, or 0 when it is none: userinfo, a fragment, an address and a name without a
 * dot are not taken. */
int https_uri_parse(char const *s, size_t len, struct https_uri *uri);

#endif
