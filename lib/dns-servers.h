/* SPDX-License-Identifier: ISC */
/* The DNS servers of the setting resolver: "127.0.0.1:53, [::1]:53". Pure. */
#ifndef BESACE_DNS_SERVERS_H
#define BESACE_DNS_SERVERS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether S is addresses between commas, each with or without a port; an IPv6
 * address with a port stands in brackets. */
bool dns_servers_valid(char const *s, size_t len);

#endif
