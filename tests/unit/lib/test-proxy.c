/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "lib/proxy.h"

static struct proxy p;

#define PARSE(literal) proxy_parse(literal, sizeof(literal) - 1, &p)

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

/* All of HEADER is PARTIAL until its last octet; what follows is not its. */
static void
is_header(char const *header, size_t len, enum proxy_kind kind, char const *ip,
    char const *port)
{
	static char text[PROXY_V2_MAX + 64];
	for (size_t n = 0; n < len; n++)
		CHECK(proxy_parse(header, n, &p) == PROXY_PARTIAL);
	for (size_t more = 0; more < 3; more++) {
		memcpy(text, header, len);
		memcpy(text + len, "\r\nEHLO", more);
		CHECK(proxy_parse(text, len + more, &p) == kind);
		CHECK(p.len == len);
		if (kind != PROXY_CLIENT)
			continue;
		CHECK(strcmp(p.ip, ip) == 0);
		CHECK(strcmp(p.port, port) == 0);
	}
}

#define IS_HEADER(literal, kind, ip, port) \
	is_header(literal, sizeof(literal) - 1, kind, ip, port)

static void
test_v1(void)
{
	IS_HEADER("PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\r\n",
	    PROXY_CLIENT, "192.0.2.7", "25");
	IS_HEADER("PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n",
	    PROXY_CLIENT, "2001:db8::7", "65535");
	IS_HEADER("PROXY UNKNOWN\r\n", PROXY_SELF, "", "");
	IS_HEADER("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
	    PROXY_SELF, "", "");

	CHECK(PARSE("PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\n") ==
	    PROXY_BROKEN);
	CHECK(PARSE("PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n") ==
	    PROXY_BROKEN);
	CHECK(PARSE("PROXY TCP6 192.0.2.7 192.0.2.8 1 2\r\n") == PROXY_BROKEN);
	CHECK(PARSE("PROXY TCP4  192.0.2.7 192.0.2.8 1 2\r\n") == PROXY_BROKEN);
	CHECK(PARSE("PROXY TCP4 192.0.2.7 192.0.2.8 1 2 \r\n") == PROXY_BROKEN);
	CHECK(
	    PARSE("PROXY TCP4 192.0.2.7 192.0.2.8 1 2 3\r\n") == PROXY_BROKEN);
	CHECK(PARSE("PROXY TCP4 192.0.2.7 192.0.2.8 1\r\n") == PROXY_BROKEN);
	CHECK(PARSE("PROXY TCP4 192.0.2.7 192.0.2.8 1 65536\r\n") ==
	    PROXY_BROKEN);
	CHECK(
	    PARSE("PROXY TCP4 192.0.2.7 192.0.2.8 1 025\r\n") == PROXY_BROKEN);
	CHECK(
	    PARSE("PROXY TCP4 192.0.2.7 192.0.2.8 -1 25\r\n") == PROXY_BROKEN);
	CHECK(
	    PARSE("PROXY TCP4 192.0.2.7\0 192.0.2.8 1 25\r\n") == PROXY_BROKEN);
	CHECK(PARSE("PROXY TCP5 192.0.2.7 192.0.2.8 1 25\r\n") == PROXY_BROKEN);
	CHECK(PARSE("PROXY \r\n") == PROXY_BROKEN);
	CHECK(PARSE("proxy TCP4 192.0.2.7 192.0.2.8 1 25\r\n") == PROXY_BROKEN);
	CHECK(PARSE("EHLO client.example\r\n") == PROXY_BROKEN);
	CHECK(PARSE("P") == PROXY_PARTIAL);
	CHECK(PARSE("PR\r") == PROXY_BROKEN);

	char line[PROXY_V1_MAX + 1];
	memset(line, 'x', sizeof line);
	memcpy(line, "PROXY UNKNOWN ", 14);
	memcpy(line + PROXY_V1_MAX - 2, "\r\n", 2);
	CHECK(proxy_parse(line, PROXY_V1_MAX, &p) == PROXY_SELF);
	memset(line + PROXY_V1_MAX - 2, 'x', 2);
	CHECK(proxy_parse(line, PROXY_V1_MAX - 1, &p) == PROXY_PARTIAL);
	CHECK(proxy_parse(line, PROXY_V1_MAX, &p) == PROXY_BROKEN);
	memcpy(line + PROXY_V1_MAX - 1, "\r\n", 2);
	CHECK(proxy_parse(line, PROXY_V1_MAX + 1, &p) == PROXY_BROKEN);
}

#define V4_BLOCK \
	"\300\0\2\7" \
	"\306\63\144\1" \
	"\xdc\4" \
	"\2\113"
#define V6_BLOCK \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7" \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1" \
	"\xdc\4" \
	"\0\31"

static void
test_v2(void)
{
	IS_HEADER(SIGNATURE "\x21\x11\0\14" V4_BLOCK, PROXY_CLIENT, "192.0.2.7",
	    "587");
	IS_HEADER(SIGNATURE "\x21\x21\0\44" V6_BLOCK, PROXY_CLIENT,
	    "2001:db8::7", "25");
	/* extensions are skipped, whatever they hold */
	IS_HEADER(SIGNATURE "\x21\x11\0\22" V4_BLOCK "\1\0\3abc", PROXY_CLIENT,
	    "192.0.2.7", "587");
	IS_HEADER(SIGNATURE "\x21\x11\0\16" V4_BLOCK "\377\377", PROXY_CLIENT,
	    "192.0.2.7", "587");
	IS_HEADER(SIGNATURE "\x20\x11\0\14" V4_BLOCK, PROXY_SELF, "", "");
	IS_HEADER(SIGNATURE "\x20\0\0\0", PROXY_SELF, "", "");
	IS_HEADER(SIGNATURE "\x21\0\0\0", PROXY_SELF, "", "");
	IS_HEADER(SIGNATURE "\x21\x31\0\1x", PROXY_SELF, "", "");

	CHECK(PARSE(SIGNATURE "\x21\x11\0\13" V4_BLOCK) == PROXY_BROKEN);
	CHECK(PARSE(SIGNATURE "\x21\x21\0\14" V4_BLOCK) == PROXY_BROKEN);
	CHECK(PARSE(SIGNATURE "\x21\x12\0\14" V4_BLOCK) == PROXY_BROKEN);
	CHECK(PARSE(SIGNATURE "\x21\x41\0\14" V4_BLOCK) == PROXY_BROKEN);
	CHECK(PARSE(SIGNATURE "\x11") == PROXY_BROKEN);
	CHECK(PARSE(SIGNATURE "\x22\x11\0\14" V4_BLOCK) == PROXY_BROKEN);
	CHECK(PARSE(SIGNATURE "\x21\x11\377\377") == PROXY_BROKEN);
	CHECK(PARSE("\r\n\r\n\0\r\nQUIT\r") == PROXY_BROKEN);
	CHECK(PARSE("\r\n\r\nEHLO") == PROXY_BROKEN);

	static char large[PROXY_V2_MAX + 1];
	memcpy(large, SIGNATURE "\x21\x11\x0f\xf0" V4_BLOCK, 28);
	CHECK(proxy_parse(large, PROXY_V2_MAX - 1, &p) == PROXY_PARTIAL);
	CHECK(proxy_parse(large, PROXY_V2_MAX, &p) == PROXY_CLIENT);
	large[15]++;
	CHECK(proxy_parse(large, PROXY_V2_MAX + 1, &p) == PROXY_BROKEN);
}

int
main(void)
{
	test_v1();
	test_v2();
	return check_failed;
}
