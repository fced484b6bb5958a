/* SPDX-License-Identifier: ISC */
/* IP networks and lists of them, as mynetworks has them: "127.0.0.0/8,
 * [::1]/128, !192.0.2.1 192.0.2.0/24". Pure. */
#ifndef BESACE_NETWORK_H
#define BESACE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

struct network {
	int family;             /* AF_INET or AF_INET6 */
	unsigned char addr[16]; /* in network order, 4 or 16 octets */
	unsigned int bits;      /* of ADDR that count */
	bool excluded;          /* "!" in front */
};

/* One entry: an address, or address/bits; IPv6 with or without brackets; "!"
 * in front excludes. Bits behind the prefix do not count. 1, or 0 when it is
 * not one. */
int network_parse(char const *s, size_t len, struct network *n);

/* Whether the address IP ("192.0.2.1", "2001:db8::1") lies in N, whatever
 * N->excluded says. */
bool network_has(struct network const *n, char const *ip);

/* Whether LIST holds nothing but entries, between blanks and commas. */
bool network_list_valid(char const *list, size_t len);

/* Whether the first entry of LIST that IP lies in is no excluded one. An IP
 * that is none ("", a pipe) is in no list. */
bool network_list_has(char const *list, char const *ip);

#endif
