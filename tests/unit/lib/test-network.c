/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/network.h"

static int
parses(char const *s)
{
	struct network n;
	return network_parse(s, strlen(s), &n);
}

static int
has(char const *network, char const *ip)
{
	struct network n;
	return network_parse(network, strlen(network), &n) &&
	    network_has(&n, ip);
}

static void
entries(void)
{
	CHECK(parses("192.0.2.1") && parses("192.0.2.0/24"));
	CHECK(parses("2001:db8::/32") && parses("[2001:db8::]/32"));
	CHECK(parses("!10.0.0.0/8") && parses("0.0.0.0/0") && parses("::/0"));
	CHECK(!parses("") && !parses("!") && !parses("/8") && !parses("[]"));
	CHECK(!parses("192.0.2") && !parses("300.1.1.1"));
	CHECK(!parses("192.0.2.1/") && !parses("192.0.2.1/33"));
	CHECK(!parses("192.0.2.1/1x") && !parses("192.0.2.1/0024"));
	CHECK(!parses("::1/129") && !parses("[::1") && !parses("::1]"));
	CHECK(!parses("mail.example.test") && !parses("!!10.0.0.1"));
	struct network n;
	CHECK(!network_parse("10.0.0.1\0", 9, &n));
}

static void
membership(void)
{
	CHECK(has("192.0.2.0/24", "192.0.2.255"));
	CHECK(!has("192.0.2.0/24", "192.0.3.0"));
	CHECK(has("192.0.2.1", "192.0.2.1") && !has("192.0.2.1", "192.0.2.2"));
	CHECK(has("192.0.2.128/25", "192.0.2.129"));
	CHECK(!has("192.0.2.128/25", "192.0.2.127"));
	CHECK(has("192.0.2.77/24", "192.0.2.1")); /* host bits do not count */
	CHECK(has("0.0.0.0/0", "203.0.113.9") && !has("0.0.0.0/0", "::1"));
	CHECK(has("::/0", "2001:db8::1") && !has("::/0", "192.0.2.1"));
	CHECK(has("2001:db8::/33", "2001:db8:7fff::1"));
	CHECK(!has("2001:db8::/33", "2001:db8:8000::1"));
	CHECK(has("::1/128", "::1") && !has("::1", "::2"));
	CHECK(has("::ffff:192.0.2.1", "192.0.2.1"));
	CHECK(has("::ffff:192.0.2.1/120", "192.0.2.9"));
	CHECK(!has("::ffff:192.0.2.1/120", "192.0.3.9"));
	CHECK(has("192.0.2.1", "::ffff:192.0.2.1"));
	CHECK(!has("::/64", "192.0.2.1") && !has("::/64", "::ffff:192.0.2.1"));
}

static void
lists(void)
{
	char const list[] = "!192.0.2.7, 192.0.2.0/24\t[::1]/128";
	CHECK(network_list_valid(list, strlen(list)));
	CHECK(network_list_valid("", 0) && network_list_valid(" , ", 3));
	CHECK(!network_list_valid("10.0.0.0/8 x", 12));
	CHECK(network_list_has(list, "192.0.2.1"));
	CHECK(!network_list_has(list, "192.0.2.7"));
	CHECK(network_list_has(list, "::1"));
	CHECK(!network_list_has(list, "10.0.0.1"));
	CHECK(!network_list_has(list, "") && !network_list_has("", "::1"));
	CHECK(!network_list_has(list, "localhost"));
}

int
main(void)
{
	entries();
	membership();
	lists();
	return check_failed;
}
