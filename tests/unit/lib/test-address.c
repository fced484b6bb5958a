/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/address.h"

static int
parses(char const *s)
{
	struct address a;
	return address_parse(s, strlen(s), &a);
}

/* S read and written again; "" when it is no address. */
static char const *
again(char const *s)
{
	static stralloc sa = STRALLOC_ZERO;
	struct address a;
	sa.len = 0;
	if (!address_parse(s, strlen(s), &a) || !address_format(&a, &sa) ||
	    !stralloc_0(&sa))
		return "";
	return sa.s;
}

static char const *
key(char const *s)
{
	static stralloc sa = STRALLOC_ZERO;
	struct address a;
	sa.len = 0;
	if (!address_parse(s, strlen(s), &a) || !address_key(&a, &sa) ||
	    !stralloc_0(&sa))
		return "";
	return sa.s;
}

static size_t
path(char const *s, struct address *a)
{
	return address_path(s, strlen(s), a);
}

static void
test_mailbox(void)
{
	CHECK(parses("a@b"));
	CHECK(parses("first.last+tag@example.org"));
	CHECK(parses("!#$%&'*+-/=?^_`{|}~@example.org"));
	CHECK(parses("\"a b\"@example.org"));
	CHECK(parses("\"\"@example.org"));
	CHECK(parses("a@[192.0.2.1]"));
	CHECK(parses("a@[IPv6:2001:db8::1]"));
	CHECK(parses("\xc3\xa9@example.org"));
	CHECK(parses("a@b\xc3\xbc"
	             "cher.example"));
	CHECK(!parses(""));
	CHECK(!parses("a"));
	CHECK(!parses("@b"));
	CHECK(!parses("a@"));
	CHECK(!parses(".a@b"));
	CHECK(!parses("a.@b"));
	CHECK(!parses("a..b@c"));
	CHECK(!parses("a b@c"));
	CHECK(!parses("a@b c"));
	CHECK(!parses("a@-b.c"));
	CHECK(!parses("a@b-.c"));
	CHECK(!parses("a@b..c"));
	CHECK(!parses("a@b."));
	CHECK(!parses("a@[300.1.1.1]"));
	CHECK(!parses("a@[192.0.2.1"));
	CHECK(!parses("a@[IPv6:2001:db8::1]x"));
	CHECK(!parses("\"a@b"));
	CHECK(!parses("\"a\\\"@b"));
	CHECK(!parses("\"a\x01\"@b"));
	CHECK(!parses("\"a\\\n\"@b"));
	CHECK(!parses("a@b\x01"));
	CHECK(!parses("\xc3@b"));
	CHECK(!parses("\xed\xa0\x80@b")); /* surrogate */
	CHECK(!parses("\xc0\xaf@b"));     /* overlong */
	CHECK(!parses("a@b@c"));
}

static void
test_limits(void)
{
	char s[400];
	memset(s, 'a', sizeof s);
	memcpy(s + 64, "@b.c", 5);
	CHECK(parses(s));
	memset(s, 'a', 70);
	memcpy(s + 65, "@b.c", 5);
	CHECK(!parses(s));
	memset(s, 'a', sizeof s);
	memcpy(s, "a@", 2);
	s[2 + 63] = 0;
	CHECK(parses(s)); /* a label of 63 */
	s[2 + 63] = 'a';
	s[2 + 64] = 0;
	CHECK(!parses(s));
	for (size_t i = 0; i < 128; i++)
		memcpy(s + 2 + 2 * i, "a.", 2);
	s[2 + 255] = 0;
	CHECK(parses(s)); /* a domain of 255 */
	memcpy(s + 2 + 255, ".a", 3);
	CHECK(!parses(s));
}

static void
test_writing(void)
{
	CHECK(strcmp(again("Alice@Example.ORG"), "Alice@example.org") == 0);
	CHECK(strcmp(again("\"alice\"@b.c"), "alice@b.c") == 0);
	CHECK(strcmp(again("\"a b\"@b.c"), "\"a b\"@b.c") == 0);
	CHECK(strcmp(again("\"a\\\"\\\\\"@b.c"), "\"a\\\"\\\\\"@b.c") == 0);
	CHECK(strcmp(again("\".a\"@b.c"), "\".a\"@b.c") == 0);
	CHECK(strcmp(again("\"a..b\"@b.c"), "\"a..b\"@b.c") == 0);
	CHECK(strcmp(again("\"\"@b.c"), "\"\"@b.c") == 0);
	CHECK(strcmp(key("\"Alice\"@EXAMPLE.org"), "alice@example.org") == 0);
}

static void
test_path(void)
{
	struct address a;
	CHECK(path("<a@b.c>", &a) == 7);
	CHECK(path("<a@b.c> SIZE=1", &a) == 7);
	CHECK(path("a@b.c SIZE=1", &a) == 5);
	CHECK(path("a@b.c>", &a) == 0);
	CHECK(path("<>", &a) == 2 && a.local_len == 0 && a.domain_len == 0);
	CHECK(path("<@x.y,@z:a@b.c>", &a) == 15 && a.domain_len == 3);
	CHECK(path("<@x.y,:a@b.c>", &a) == 0);
	CHECK(path("<Postmaster>", &a) == 12 && a.local_len == 10);
	CHECK(path("<postmasterx>", &a) == 0);
	CHECK(path("<a@b.c", &a) == 0);
	CHECK(path("<\">\"@b.c>", &a) == 9 && a.local[0] == '>');
	CHECK(path("", &a) == 0);
	CHECK(path("<", &a) == 0);
}

static size_t
bare(char const *s, struct address *a)
{
	return address_path_bare(s, strlen(s), a);
}

static void
test_path_bare(void)
{
	struct address a;
	CHECK(bare("<alice>", &a) == 7 && a.local_len == 5 && !a.domain_len);
	CHECK(bare("<alice> SIZE=1", &a) == 7);
	CHECK(bare("alice SIZE=1", &a) == 5);
	CHECK(bare("<\"a >\">", &a) == 7 && a.local_len == 3);
	CHECK(bare("<alice@host>", &a) == 0);
	CHECK(bare("<alice@>", &a) == 0);
	CHECK(bare("<alice", &a) == 0);
	CHECK(bare("alice>", &a) == 0);
	CHECK(bare("<>", &a) == 0);
	CHECK(bare("<", &a) == 0);
	CHECK(bare("", &a) == 0);
}

int
main(void)
{
	test_mailbox();
	test_limits();
	test_writing();
	test_path();
	test_path_bare();
	return check_failed;
}
