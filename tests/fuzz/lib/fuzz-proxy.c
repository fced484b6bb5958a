/* SPDX-License-Identifier: ISC */
/* Any bytes as a PROXY header: a verdict is the same whatever follows, and no
 * start of a header that is taken was refused. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proxy.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(int true_here)
{
	if (!true_here)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	unsigned char addr[16];
	struct proxy p, q;
	enum proxy_kind kind = proxy_parse(s, size, &p);
	if (kind == PROXY_BROKEN || kind == PROXY_PARTIAL)
		return 0;
	must(p.len > 0 && p.len <= size && p.len <= PROXY_V2_MAX);
	must(proxy_parse(s, p.len, &q) == kind && q.len == p.len);
	must(strcmp(p.ip, q.ip) == 0 && strcmp(p.port, q.port) == 0);
	for (size_t n = 0; n < p.len; n++)
		must(proxy_parse(s, n, &q) == PROXY_PARTIAL);
	if (kind == PROXY_CLIENT)
		must(inet_pton(strchr(p.ip, ':') ? AF_INET6 : AF_INET, p.ip,
		         addr) == 1 &&
		    atoi(p.port) <= 65535);
	return 0;
}
