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

#define BUCHER \
	"b\xc3\xbc" \
	"cher"

/* U-labels and A-labels, composed or not, in any case: one domain. */
static void
test_idn(void)
{
	static char const wanted[] = "j\xc3\xb6rg@xn--bcher-kva.test";
	CHECK(strcmp(key("J\xc3\x96rg@" BUCHER ".test"), wanted) == 0);
	CHECK(strcmp(key("j\xc3\xb6rg@B\xc3\x9c"
	                 "CHER.Test"),
	          wanted) == 0);
	CHECK(strcmp(key("jo\xcc\x88rg@bu\xcc\x88"
	                 "cher.test"),
	          wanted) == 0);
	CHECK(strcmp(key("j\xc3\xb6rg@XN--BCHER-KVA.test"), wanted) == 0);
	/* written as it came */
	CHECK(strcmp(again("a@" BUCHER ".Test"), "a@" BUCHER ".test") == 0);
	CHECK(
	    strcmp(again("a@xn--bcher-kva.test"), "a@xn--bcher-kva.test") == 0);
	/* no other dot than the dot, no label that is none */
	CHECK(!parses("a@b\xe3\x80\x82test"));
	CHECK(!parses("a@xn--abc-.test"));
	CHECK(!parses("a@xn--.test"));
	CHECK(!parses("a@xn--zzzzzzzz99999.test"));
	CHECK(!parses("a@a\xe2\x80\x8d"
	              "b.test"));              /* a joiner */
	CHECK(!parses("a@\xe2\x84\x80.test")); /* maps to a/c */
	CHECK(!parses("a@i\xe2\x9d\xa4.ws"));  /* DISALLOWED */
	CHECK(!parses("a@a\xd7\x90.test"));    /* breaks the bidi rule */
	/* hyphens where Punycode has them, and an A-label of a heart */
	CHECK(parses("a@r3---sn.test"));
	CHECK(parses("a@xn--i-7iq.ws"));
	/* a label of more than 63 octets that has a shorter A-label */
	char s[128] = "a@";
	for (size_t i = 0; i < 22; i++)
		memcpy(s + 2 + 3 * i, "\xe4\xb8\x96", 4);
	CHECK(parses(s));
	for (size_t i = 0; i < 50; i++)
		memcpy(s + 2 + 2 * i, "\xc3\xbc", 3);
	CHECK(parses(s) && strlen(key(s)) < 65);
	CHECK(!parses("a@" BUCHER "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	              "bbbbbbbbbbbbbbb.test"));
}

/* Logins as keys: an address beyond ASCII like any, the rest as text. */
static void
test_login(void)
{
	stralloc sa = STRALLOC_ZERO;
	CHECK(address_login_key("Al@" BUCHER ".test", 15, &sa));
	CHECK(sa.len == 21 && !memcmp(sa.s, "al@xn--bcher-kva.test", 21));
	sa.len = 0;
	CHECK(address_login_key("\"A B\"@X.y", 9, &sa));
	CHECK(sa.len == 9 && !memcmp(sa.s, "\"a b\"@x.y", 9));
	stralloc_free(&sa);
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
	test_idn();
	test_login();
	return check_failed;
}
