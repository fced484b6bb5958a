/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/dns-list.h"

static struct dns_list list;
static char name[DNS_NAME_MAX + 1];

static int
parse(char const *s)
{
	return dns_list_parse(s, strlen(s), &list);
}

static int
has(char const *entry, char const *answer)
{
	return parse(entry) && dns_list_has(&list, answer);
}

static int
asks(char const *ip, char const *question)
{
	return dns_list_question(&list, ip, name) &&
	    strcmp(name, question) == 0;
}

static void
entries(void)
{
	CHECK(parse("zen.example") && list.zone_len == 11 && !list.filter_len);
	CHECK(parse("a.b=127.0.0.2") && list.zone_len == 3);
	CHECK(parse("a.b=127.0.[0..255].[1;3;5..9]"));
	CHECK(!parse("") && !parse("=127.0.0.2") && !parse("a.b="));
	CHECK(!parse("a b") && !parse("a..b") && !parse("192.0.2.1"));
	CHECK(!parse("a.b=127.0.0") && !parse("a.b=127.0.0.2.3"));
	CHECK(!parse("a.b=127.0.0.256") && !parse("a.b=127.0.0.[2"));
	CHECK(!parse("a.b=127.0.0.[]") && !parse("a.b=127.0.0.[3..2]"));
	CHECK(!parse("a.b=127.0.0.[2.3]") && !parse("a.b=127.0.0.[2;]"));
	CHECK(!parse("a.b=127.0.0.0002") && !parse("a.b=127.0.0.2]"));
	CHECK(dns_lists_valid("a.b, c.d=127.0.0.2 e.f", 22));
	CHECK(!dns_lists_valid("a.b c_d=x", 9) && dns_lists_valid("", 0));
}

static void
answers(void)
{
	CHECK(has("a.b", "127.0.0.2") && has("a.b", "127.0.1.255"));
	CHECK(!has("a.b", "127.255.255.254") && !has("a.b", "203.0.113.9"));
	CHECK(!has("a.b", "") && !has("a.b", "::1"));
	CHECK(has("a.b=127.0.0.2", "127.0.0.2"));
	CHECK(!has("a.b=127.0.0.2", "127.0.0.3"));
	CHECK(has("a.b=127.0.[0..2].[1;3;5..9]", "127.0.2.7"));
	CHECK(!has("a.b=127.0.[0..2].[1;3;5..9]", "127.0.2.4"));
	CHECK(!has("a.b=127.0.[0..2].[1;3;5..9]", "127.0.3.1"));
	CHECK(
	    has("a.b=[0..255].[0..255].[0..255].[0..255]", "127.255.255.254"));
}

static void
questions(void)
{
	CHECK(parse("a.b"));
	CHECK(asks("192.0.2.1", "1.2.0.192.a.b"));
	CHECK(asks("2001:db8::1f",
	    "f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	    "0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.a.b"));
	CHECK(!dns_list_question(&list, "", name));
	CHECK(!dns_list_question(&list, "local", name));
	char zone[200];
	memset(zone, 'a', sizeof zone);
	for (size_t i = 1; i < sizeof zone; i += 2)
		zone[i] = '.';
	CHECK(dns_list_parse(zone, 191, &list));
	CHECK(dns_list_question(&list, "2001:db8::1", name));
	CHECK(dns_list_parse(zone, 193, &list));
	CHECK(!dns_list_question(&list, "192.0.2.1", name));
}

int
main(void)
{
	entries();
	answers();
	questions();
	return check_failed;
}
