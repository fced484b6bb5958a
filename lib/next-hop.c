/* SPDX-License-Identifier: ISC */
#include "next-hop.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hostname.h"
#include "idn.h"

enum { PORT_MAX = 65535, SMTPS_PORT = 465 };

static char const smtps[] = "smtps:";

static int
parse_port(char const *s, size_t len, unsigned int *port)
{
	*port = 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9' || *port > PORT_MAX)
			return 0;
		*port = *port * 10 + (unsigned int)(s[i] - '0');
	}
	return *port > 0 && *port <= PORT_MAX;
}

/* RFC 5321 section 4.1.3 has "IPv6:" before one; people leave it out. */
static bool
parse_address(char const *s, size_t len, struct next_hop *hop)
{
	unsigned char addr[sizeof(struct in6_addr)];
	static char const tag[] = "IPv6:";
	size_t n = sizeof tag - 1;
	bool tagged = len > n && strncasecmp(s, tag, n) == 0;
	if (tagged) {
		s += n;
		len -= n;
	}
	if (len >= INET6_ADDRSTRLEN)
		return false;
	memcpy(hop->name, s, len);
	hop->name[len] = 0;
	int family = inet_pton(AF_INET6, hop->name, addr) == 1    ? AF_INET6
	    : !tagged && inet_pton(AF_INET, hop->name, addr) == 1 ? AF_INET
	                                                          : AF_UNSPEC;
	return family != AF_UNSPEC &&
	    inet_ntop(family, addr, hop->name, NEXT_HOP_NAME_MAX);
}

static int
parse_name(char const *s, size_t len, struct next_hop *hop)
{
	size_t n = len && len < NEXT_HOP_NAME_MAX
	    ? idn_to_ascii(s, len, hop->name, NEXT_HOP_NAME_MAX - 1)
	    : 0;
	hop->name[n] = 0;
	for (size_t i = 0; i < n; i++)
		if (hop->name[i] >= 'A' && hop->name[i] <= 'Z')
			hop->name[i] = (char)(hop->name[i] - 'A' + 'a');
	return hostname_valid(hop->name, n);
}

/* "smtps:465" is the port of a host of that name. */
static bool
is_smtps(char const *s, size_t len)
{
	size_t n = sizeof smtps - 1;
	unsigned int port;
	return len > n && strncasecmp(s, smtps, n) == 0 &&
	    !parse_port(s + n, len - n, &port);
}

static int
parse_place(char const *s, size_t len, struct next_hop *hop)
{
	*hop = (struct next_hop){ .exact = len && *s == '[' };
	char const *end = hop->exact ? memchr(s, ']', len)
	    : len                    ? memchr(s, ':', len)
	                             : NULL;
	if (hop->exact && !end)
		return 0;
	char const *port = end && hop->exact ? end + 1 : end;
	if (port && port < s + len &&
	    (*port != ':' ||
	        !parse_port(port + 1, (size_t)(s + len - port) - 1,
	            &hop->port)))
		return 0;
	size_t n = end ? (size_t)(end - s) : len;
	if (!hop->exact)
		return parse_name(s, n, hop);
	hop->address = parse_address(s + 1, n - 1, hop);
	return hop->address || parse_name(s + 1, n - 1, hop);
}

int
next_hop_parse(char const *s, size_t len, struct next_hop *hop)
{
	bool at_once = is_smtps(s, len);
	size_t skip = at_once ? sizeof smtps - 1 : 0;
	if (!parse_place(s + skip, len - skip, hop))
		return 0;
	if (at_once && !hop->port)
		hop->port = SMTPS_PORT;
	hop->smtps = at_once || hop->port == SMTPS_PORT;
	return 1;
}

void
next_hop_format(struct next_hop const *hop, char out[NEXT_HOP_TEXT_MAX])
{
	char port[16] = "";
	bool ipv6 = hop->address && strchr(hop->name, ':');
	if (hop->port)
		snprintf(port, sizeof port, ":%u", hop->port);
	snprintf(out, NEXT_HOP_TEXT_MAX, "%s%s%s%s%s%s",
	    hop->smtps && hop->port != SMTPS_PORT ? smtps : "",
	    hop->exact ? "[" : "", ipv6 ? "IPv6:" : "", hop->name,
	    hop->exact ? "]" : "", port);
}
