/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/hostname.h"

static bool
valid(char const *s)
{
	return hostname_valid(s, strlen(s));
}

static void
names(void)
{
	CHECK(valid("mail.example.test") && valid("host") && valid("h"));
	CHECK(valid("Mail-1.Example.TEST.") && valid("_srv.example.test"));
	CHECK(valid("3com.example") && valid("1.2.3.example"));
	CHECK(!valid("") && !valid(".") && !valid("..") && !valid("a..b"));
	CHECK(!valid(".a") && !valid("a.b.."));
	CHECK(!valid("-a.b") && !valid("a-.b") && !valid("a.b-"));
	CHECK(!valid("192.0.2.1") && !valid("7") && !valid("a.7"));
	CHECK(!valid("a b") && !valid("a!b.c") && !valid("[192.0.2.1]"));
	CHECK(!valid("a\\.b") && !valid("caf\xc3\xa9.example"));
	CHECK(!hostname_valid("a\0b", 3));
}

static void
lengths(void)
{
	char s[300];
	memset(s, 'a', sizeof s);
	CHECK(hostname_valid(s, 63) && !hostname_valid(s, 64));
	for (size_t i = 9; i < sizeof s; i += 10)
		s[i] = '.';
	CHECK(hostname_valid(s, 253) && hostname_valid(s, 239));
	CHECK(!hostname_valid(s, 254) && !hostname_valid(s, 300));
}

int
main(void)
{
	names();
	lengths();
	CHECK(hostname_complete("a.b", 3) && hostname_complete("a.b.", 4));
	CHECK(!hostname_complete("a", 1) && !hostname_complete("a.", 2));
	return check_failed;
}
