/* SPDX-License-Identifier: ISC */
#include "dns-list.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "hostname.h"
#include "words.h"

/* --- the filter ----------------------------------------------------------- */

struct cursor {
	char const *s;
	char const *end;
};

static bool
take(struct cursor *c, char wanted)
{
	if (c->s == c->end || *c->s != wanted)
		return false;
	c->s++;
	return true;
}

static bool
take_octet(struct cursor *c, unsigned int *value)
{
	char const *start = c->s;
	*value = 0;
	while (
	    c->s < c->end && *c->s >= '0' && *c->s <= '9' && c->s - start < 3)
		*value = *value * 10 + (unsigned int)(*c->s++ - '0');
	return c->s > start && *value <= 255;
}

/* n or n..m; *HIT when OCTET is one of them. */
static bool
take_range(struct cursor *c, unsigned int octet, bool *hit)
{
	unsigned int low, high;
	if (!take_octet(c, &low))
		return false;
	high = low;
	if (take(c, '.') &&
	    (!take(c, '.') || !take_octet(c, &high) || high < low))
		return false;
	*hit |= octet >= low && octet <= high;
	return true;
}

/* n, or ranges in brackets, between semicolons. */
static bool
take_part(struct cursor *c, unsigned int octet, bool *hit)
{
	unsigned int value;
	*hit = false;
	if (!take(c, '[')) {
		if (!take_octet(c, &value))
			return false;
		*hit = value == octet;
		return true;
	}
	do
		if (!take_range(c, octet, hit))
			return false;
	while (take(c, ';'));
	return take(c, ']');
}

/* Whether the filter is one; *HIT when the address is in it. */
static bool
apply(struct dns_list const *l, unsigned char const octets[4], bool *hit)
{
	struct cursor c = { l->filter, l->filter + l->filter_len };
	*hit = true;
	for (int i = 0; i < 4; i++) {
		bool in;
		if ((i && !take(&c, '.')) || !take_part(&c, octets[i], &in))
			return false;
		*hit &= in;
	}
	return c.s == c.end;
}

/* -------------------------------------------------------------------------- */

int
dns_list_parse(char const *s, size_t len, struct dns_list *l)
{
	static unsigned char const any[4] = { 127, 0, 0, 2 };
	bool hit;
	char const *equals = memchr(s, '=', len);
	l->zone = s;
	l->zone_len = equals ? (size_t)(equals - s) : len;
	l->filter = equals ? equals + 1 : s + len;
	l->filter_len = equals ? len - l->zone_len - 1 : 0;
	return hostname_valid(l->zone, l->zone_len) &&
	    (!equals || apply(l, any, &hit));
}

bool
dns_lists_valid(char const *s, size_t len)
{
	struct word rest = { s, len }, entry;
	struct dns_list l;
	while ((entry = words_next(&rest)).len)
		if (!dns_list_parse(entry.s, entry.len, &l))
			return false;
	return true;
}

int
dns_list_question(struct dns_list const *l, char const *ip,
    char name[DNS_NAME_MAX + 1])
{
	unsigned char a[16];
	bool v6 = strchr(ip, ':') != NULL;
	size_t count = v6 ? 16 : 4, used = 0;
	/* the longest, 32 nibbles, takes 64 octets */
	if (inet_pton(v6 ? AF_INET6 : AF_INET, ip, a) != 1 ||
	    l->zone_len > DNS_NAME_MAX - 64)
		return 0;
	while (count--)
		used += (size_t)(v6 ? sprintf(name + used, "%x.%x.",
		                          a[count] & 15u, a[count] >> 4u)
		                    : sprintf(name + used, "%u.", a[count]));
	memcpy(name + used, l->zone, l->zone_len);
	name[used + l->zone_len] = 0;
	return 1;
}

bool
dns_list_has(struct dns_list const *l, char const *answer)
{
	unsigned char a[4];
	bool hit;
	if (inet_pton(AF_INET, answer, a) != 1)
		return false;
	if (l->filter_len)
		return apply(l, a, &hit) && hit;
	return a[0] == 127 && !(a[1] == 255 && a[2] == 255);
}
