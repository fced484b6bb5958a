/* SPDX-License-Identifier: ISC */
#include "network.h"

#include <arpa/inet.h>
#include <string.h>

#include "words.h"

static int
parse_address(char const *s, size_t len, struct network *n)
{
	char text[INET6_ADDRSTRLEN];
	if (len > 2 && s[0] == '[' && s[len - 1] == ']') {
		s++;
		len -= 2;
	}
	if (len >= sizeof text || memchr(s, 0, len))
		return 0;
	memcpy(text, s, len);
	text[len] = 0;
	n->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	n->bits = n->family == AF_INET ? 32 : 128;
	return inet_pton(n->family, text, n->addr) == 1;
}

static int
parse_bits(char const *s, size_t len, unsigned int *bits)
{
	unsigned int value = 0;
	if (len == 0 || len > 3)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return 0;
		value = value * 10 + (unsigned int)(s[i] - '0');
	}
	if (value > *bits)
		return 0;
	*bits = value;
	return 1;
}

/* ::ffff:192.0.2.1 is 192.0.2.1, as clients are known here. */
static void
unmap(struct network *n)
{
	static unsigned char const mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned int before = 8 * sizeof mapped;
	if (n->family != AF_INET6 || n->bits < before ||
	    memcmp(n->addr, mapped, sizeof mapped) != 0)
		return;
	memmove(n->addr, n->addr + sizeof mapped, 4);
	n->family = AF_INET;
	n->bits -= before;
}

int
network_parse(char const *s, size_t len, struct network *n)
{
	n->excluded = len && *s == '!';
	if (n->excluded) {
		s++;
		len--;
	}
	char const *slash = memchr(s, '/', len);
	size_t address = slash ? (size_t)(slash - s) : len;
	if (!parse_address(s, address, n) ||
	    (slash && !parse_bits(slash + 1, len - address - 1, &n->bits)))
		return 0;
	unmap(n);
	return 1;
}

bool
network_has(struct network const *n, char const *ip)
{
	struct network one;
	if (!parse_address(ip, strlen(ip), &one))
		return false;
	unmap(&one);
	if (one.family != n->family)
		return false;
	unsigned int whole = n->bits / 8, rest = n->bits % 8;
	if (memcmp(one.addr, n->addr, whole) != 0)
		return false;
	return !rest || (one.addr[whole] ^ n->addr[whole]) >> (8 - rest) == 0;
}

bool
network_list_valid(char const *list, size_t len)
{
	struct word rest = { list, len }, entry;
	struct network n;
	while ((entry = words_next(&rest)).len)
		if (!network_parse(entry.s, entry.len, &n))
			return false;
	return true;
}

bool
network_list_has(char const *list, char const *ip)
{
	struct word rest = { list, strlen(list) }, entry;
	struct network n;
	while ((entry = words_next(&rest)).len)
		if (network_parse(entry.s, entry.len, &n) &&
		    network_has(&n, ip))
			return !n.excluded;
	return false;
}
