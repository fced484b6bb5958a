/* SPDX-License-Identifier: ISC */
#include "dns-servers.h"

#include <arpa/inet.h>
#include <string.h>

#include "bytes.h"

static struct bytes
trim(struct bytes b)
{
	while (b.len && *b.s == ' ') {
		b.s++;
		b.len--;
	}
	while (b.len && b.s[b.len - 1] == ' ')
		b.len--;
	return b;
}

static bool
is_address(int family, struct bytes b)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[16];
	if (b.len >= sizeof text || memchr(b.s, 0, b.len))
		return false;
	memcpy(text, b.s, b.len);
	text[b.len] = 0;
	return inet_pton(family, text, address) == 1;
}

static bool
is_port(struct bytes b)
{
	unsigned int port = 0;
	for (size_t i = 0; i < b.len && port <= 65535; i++) {
		if (b.s[i] < '0' || b.s[i] > '9')
			return false;
		port = port * 10 + (unsigned int)(b.s[i] - '0');
	}
	return port >= 1 && port <= 65535;
}

static bool
is_server(struct bytes b)
{
	struct bytes rest = b;
	if (is_address(AF_INET6, b) || is_address(AF_INET, b))
		return true;
	if (!b.len || *b.s != '[')
		return is_address(AF_INET, bytes_take_until(&rest, ':')) &&
		    is_port(rest);
	rest = (struct bytes){ b.s + 1, b.len - 1 };
	if (!is_address(AF_INET6, bytes_take_until(&rest, ']')))
		return false;
	if (!rest.len)
		return b.s[b.len - 1] == ']';
	bool colon = *rest.s == ':';
	rest.s++;
	rest.len--;
	return colon && is_port(rest);
}

bool
dns_servers_valid(char const *s, size_t len)
{
	struct bytes rest = { s, len };
	while (rest.len)
		if (!is_server(trim(bytes_take_until(&rest, ','))))
			return false;
	return true;
}
