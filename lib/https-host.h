/* SPDX-License-Identifier: ISC */
/* Where a web server is, by our own resolver. */
#ifndef BESACE_HTTPS_HOST_H
#define BESACE_HTTPS_HOST_H

#include <netinet/in.h>

#include "dns.h"
#include "settings.h"

enum { HTTPS_HOST_ADDRESSES = 8 };

struct https_host {
	char name[DNS_NAME_MAX + 1];
	unsigned int port;  /* 0, before it is found: the one of all */
	unsigned int count; /* addresses */
	char ip[HTTPS_HOST_ADDRESSES][INET6_ADDRSTRLEN];
};

/* Finds the port and the addresses of H->name, those that may be talked to. NULL, or why
 * there are none: a sentence part. */
char const *https_host_find(struct https_host *h,
    struct settings const *settings);

#endif
