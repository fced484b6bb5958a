/* SPDX-License-Identifier: ISC */
/* Where mail goes next, as Postfix writes it: "example.org" by its MX records,
 * "[mx.example.org]" this host, "[192.0.2.1]", "[IPv6:2001:db8::1]", each with
 * a port behind it or not (":587"). Pure. */
#ifndef BESACE_NEXT_HOP_H
#define BESACE_NEXT_HOP_H

#include <stdbool.h>
#include <stddef.h>

enum { NEXT_HOP_NAME_MAX = 256 };

struct next_hop {
	char name[NEXT_HOP_NAME_MAX]; /* lower case, A-labels; or an address */
	unsigned int port;            /* 0: none was given */
	bool exact;                   /* in brackets: no MX records */
	bool address;                 /* an IP address, in brackets */
};

/* All of S. 1, or 0 when it is none. */
int next_hop_parse(char const *s, size_t len, struct next_hop *hop);

#endif
