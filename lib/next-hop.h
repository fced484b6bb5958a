/* SPDX-License-Identifier: ISC */
/* Where mail goes next, as Postfix writes it: "example.org" by its MX records,
 * "[mx.example.org]" this host, "[192.0.2.1]", "[IPv6:2001:db8::1]", each with
 * a port behind it or not (":587"). "smtps:" in front, or the port 465, is TLS
 * from the first octet on (RFC 8314 section 3.3). Pure. */
#ifndef BESACE_NEXT_HOP_H
#define BESACE_NEXT_HOP_H

#include <stdbool.h>
#include <stddef.h>

enum { NEXT_HOP_NAME_MAX = 256, NEXT_HOP_TEXT_MAX = 288 };

struct next_hop {
	char name[NEXT_HOP_NAME_MAX]; /* lower case, A-labels; or an address */
	unsigned int port;            /* 0: none was given */
	bool exact;                   /* in brackets: no MX records */
	bool address;                 /* an IP address, in brackets */
	bool smtps;                   /* no STARTTLS: TLS at once */
};

/* All of S. 1, or 0 when it is none. */
int next_hop_parse(char const *s, size_t len, struct next_hop *hop);

/* The same next hop always gives the same text, which next_hop_parse reads. */
void next_hop_format(struct next_hop const *hop, char out[NEXT_HOP_TEXT_MAX]);

#endif
