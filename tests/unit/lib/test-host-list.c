/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/host-list.h"

static bool
valid(char const *s)
{
	return host_list_valid(s, strlen(s));
}

static void
entries(void)
{
	CHECK(valid("") && valid("127.0.0.1\n::1\n192.0.2.0/24"));
	CHECK(valid("localhost, mail.example.test .example.test"));
	CHECK(valid("*.example.test !*.example.test !10.0.0.1"));
	CHECK(!valid("192.0.2.0/33") && !valid("192.0.2") && !valid("a..b"));
	CHECK(!valid("!") && !valid(".") && !valid("*.") && !valid("*"));
	CHECK(!valid("a*.example.test") && !valid("..a") && !valid("a@b"));
}

static void
hosts(void)
{
	char const *list = "127.0.0.1 192.0.2.0/24 !192.0.2.7 [2001:db8::]/32 "
	                   "mail.example.test .below.test !bad.below.test";
	CHECK(host_list_has(list, "127.0.0.1", ""));
	CHECK(host_list_has(list, "192.0.2.1", ""));
	CHECK(!host_list_has(list, "192.0.2.7", "mail.example.test"));
	CHECK(host_list_has(list, "2001:db8::1", ""));
	CHECK(host_list_has(list, "10.0.0.1", "Mail.Example.TEST"));
	CHECK(!host_list_has(list, "10.0.0.1", "xmail.example.test"));
	CHECK(host_list_has(list, "10.0.0.1", "a.b.below.test"));
	CHECK(!host_list_has(list, "10.0.0.1", "below.test"));
	CHECK(!host_list_has(list, "10.0.0.1", "notbelow.test"));
	CHECK(!host_list_has(list, "10.0.0.1", "bad.below.test"));
	CHECK(!host_list_has(list, "10.0.0.1", ""));
	CHECK(!host_list_has(list, "", "") && !host_list_has("", "::1", "a.b"));
	CHECK(host_list_has("*.a.test", "10.0.0.1", "x.a.test"));
	CHECK(host_list_has("localhost", "127.0.0.1", ""));
	CHECK(host_list_has("localhost", "::1", ""));
	CHECK(!host_list_has("localhost", "192.0.2.1", ""));
	CHECK(host_list_has("localhost", "192.0.2.1", "localhost"));
}

int
main(void)
{
	entries();
	hosts();
	return check_failed;
}
