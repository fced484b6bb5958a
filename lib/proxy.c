/* SPDX-License-Identifier: ISC */
#include "proxy.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* --- version 1: PROXY TCP4 192.0.2.1 198.51.100.1 56324 25 CR LF ------------ */

struct words {
	char const *s;
	size_t len;
};

/* The next word, and the single blank before it. */
static bool
take_word(struct words *w, char *out, size_t size)
{
	if (!w->len || *w->s != ' ')
		return false;
	size_t n = 1;
	while (n < w->len && w->s[n] != ' ')
		n++;
	if (n == 1 || n > size || memchr(w->s + 1, 0, n - 1))
		return false;
	memcpy(out, w->s + 1, n - 1);
	out[n - 1] = 0;
	w->s += n;
	w->len -= n;
	return true;
}

static bool
take_address(struct words *w, int family, char out[46])
{
	unsigned char addr[16];
	return take_word(w, out, 46) && inet_pton(family, out, addr) == 1;
}

static bool
take_port(struct words *w, char out[6])
{
	unsigned int n = 0;
	if (!take_word(w, out, 6) || (out[0] == '0' && out[1]))
		return false;
	for (char const *p = out; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		n = n * 10 + (unsigned int)(*p - '0');
	}
	return n <= 65535;
}

static enum proxy_kind
read_line(char const *s, size_t len, struct proxy *p)
{
	struct words w = { s + 5, len - 5 };
	char kind[8], local_ip[46], port[6];
	if (!take_word(&w, kind, sizeof kind))
		return PROXY_BROKEN;
	if (strcmp(kind, "UNKNOWN") == 0)
		return PROXY_SELF; /* what else the line says is not to be
		                      looked at */
	int family = strcmp(kind, "TCP4") == 0 ? AF_INET
	    : strcmp(kind, "TCP6") == 0        ? AF_INET6
	                                       : -1;
	if (family < 0 || !take_address(&w, family, p->ip) ||
	    !take_address(&w, family, local_ip) || !take_port(&w, port) ||
	    !take_port(&w, p->port) || w.len)
		return PROXY_BROKEN;
	return PROXY_CLIENT;
}

static enum proxy_kind
parse_v1(char const *s, size_t len, struct proxy *p)
{
	size_t most = len < PROXY_V1_MAX ? len : PROXY_V1_MAX;
	char const *lf = memchr(s, '\n', most);
	if (!lf)
		return len < PROXY_V1_MAX ? PROXY_PARTIAL : PROXY_BROKEN;
	p->len = (size_t)(lf - s) + 1;
	if (p->len < 7 || lf[-1] != '\r')
		return PROXY_BROKEN;
	return read_line(s, p->len - 2, p);
}

/* --- version 2: signature, version and command, family, length, addresses,
 * extensions ----------------------------------------------------------------- */

static char const signature[] = "\r\n\r\n\0\r\nQUIT\n";

enum { SIGNATURE = 12, FIXED = 16, V2_LOCAL = 0x20, V2_PROXY = 0x21 };

static unsigned int
read_u16(unsigned char const *s)
{
	return (unsigned int)(s[0] << 8 | s[1]);
}

/* Addresses of SIZE octets, source and destination, then the two ports. */
static enum proxy_kind
read_block(unsigned char const *s, size_t len, int family, size_t size,
    struct proxy *p)
{
	if (len < 2 * size + 4 ||
	    !inet_ntop(family, s, p->ip, (socklen_t)sizeof p->ip))
		return PROXY_BROKEN;
	snprintf(p->port, sizeof p->port, "%u",
	    read_u16(s + 2 * size + 2) & 0xffff);
	return PROXY_CLIENT;
}

/* Only streams come here; a datagram's header is nobody's. */
static enum proxy_kind
read_addresses(unsigned char const *s, size_t len, unsigned char family,
    struct proxy *p)
{
	switch (family) {
	case 0x00: /* unspecified */
	case 0x31: /* a Unix socket on the proxy's machine */
		return PROXY_SELF;
	case 0x11:
		return read_block(s, len, AF_INET, 4, p);
	case 0x21:
		return read_block(s, len, AF_INET6, 16, p);
	default:
		return PROXY_BROKEN;
	}
}

static enum proxy_kind
parse_v2(char const *text, size_t len, struct proxy *p)
{
	unsigned char const *s = (unsigned char const *)text;
	if (len > SIGNATURE && s[12] != V2_LOCAL && s[12] != V2_PROXY)
		return PROXY_BROKEN;
	if (len < FIXED)
		return PROXY_PARTIAL;
	size_t rest = read_u16(s + 14);
	p->len = FIXED + rest;
	if (p->len > PROXY_V2_MAX)
		return PROXY_BROKEN;
	if (len < p->len)
		return PROXY_PARTIAL;
	return s[12] == V2_LOCAL ? PROXY_SELF
	                         : read_addresses(s + FIXED, rest, s[13], p);
}

/* Whether S begins with START, as far as it goes. */
static bool
agrees(char const *s, size_t len, char const *start, size_t n)
{
	return memcmp(s, start, len < n ? len : n) == 0;
}

enum proxy_kind
proxy_parse(char const *s, size_t len, struct proxy *p)
{
	p->len = 0;
	p->ip[0] = p->port[0] = 0;
	if (!len)
		return PROXY_PARTIAL;
	if (agrees(s, len, "PROXY ", 6))
		return parse_v1(s, len, p);
	if (agrees(s, len, signature, SIGNATURE))
		return parse_v2(s, len, p);
	return PROXY_BROKEN;
}
