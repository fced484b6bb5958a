/* SPDX-License-Identifier: ISC */
/* The servers of a destination, by the DNS: RFC 5321 section 5.1. */
#ifndef BESACE_RELAY_HOSTS_H
#define BESACE_RELAY_HOSTS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "dns.h"
#include "route.h"
#include "settings.h"

enum { HOSTS_MAX = 256 };

struct host {
	char name[DNS_NAME_MAX + 1];     /* "" for an address literal */
	char expanded[DNS_NAME_MAX + 1]; /* where aliases of it led; else NAME */
	bool secure; /* all that led to the address is signed */
	char ip[INET6_ADDRSTRLEN];
	unsigned int preference;
	uint32_t draw; /* among equals */
	bool second;   /* of the family that comes second */
	bool bad;      /* it does not talk to us now */
};

struct hosts {
	bool secure; /* that these are they is signed, or the administrator's
	              * word */
	unsigned int count;
	struct host host[HOSTS_MAX]; /* the first to be tried first */
};

/* Finds them. PORT 25 is that of mail servers, where an address of this machine
 * is this server. 1; 0 with *WHY. */
int hosts_find(struct hosts *h, struct route const *route, unsigned int port,
    struct dns *dns, struct settings const *settings, struct answer *why);

#endif
