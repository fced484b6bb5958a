/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "smtp-session/sendmail/address-list.h"

/* The addresses with blanks between; NULL when it is no list. */
static char const *
read_list(char const *s, size_t len)
{
	static stralloc out;
	char *copy = malloc(len ? len : 1); /* so that a read behind shows */
	memcpy(copy, s, len);
	out.len = 0;
	stralloc_cats(&out, "kept\n");
	int r = address_list(copy, len, &out);
	free(copy);
	CHECK(r >= 0 && memcmp(out.s, "kept\n", 5) == 0);
	CHECK(r || out.len == 5);
	stralloc_0(&out);
	for (char *p = out.s; *p; p++)
		if (*p == '\n')
			*p = p[1] ? ' ' : 0;
	return !r ? NULL : out.s[4] ? out.s + 5 : "";
}

static int
is_list(char const *s, char const *wanted)
{
	char const *seen = read_list(s, strlen(s));
	if (seen && strcmp(seen, wanted) == 0)
		return 1;
	fprintf(stderr, "%s: %s\n", s, seen ? seen : "(no list)");
	return 0;
}

static int
is_none(char const *s)
{
	return !read_list(s, strlen(s));
}

static void
test_lists(void)
{
	CHECK(is_list("a@b.test", "a@b.test"));
	CHECK(is_list("root", "root"));
	CHECK(is_list(" a@b.test,c , , d@e.test,", "a@b.test c d@e.test"));
	CHECK(is_list("", ""));
	CHECK(is_list(" \n\t", ""));
	CHECK(is_list("Alice <a@b.test>", "a@b.test"));
	CHECK(is_list("Alice Q. Example <a@b.test>, <c>", "a@b.test c"));
	CHECK(is_list("\"Example, Alice\" <a@b.test>", "a@b.test"));
	CHECK(is_list("\"(;:<@>\\\"\" <a@b.test>", "a@b.test"));
	CHECK(is_list("a@b.test (Alice (of \\) B, <x@y>))", "a@b.test"));
	CHECK(
	    is_list("(c) a (c) . b (c) @ (c) c (c) . test (c)", "a.b@c.test"));
	CHECK(
	    is_list("Alice\n <a@b.test>,\r\n\tc@d.test", "a@b.test c@d.test"));
	CHECK(is_list("friends: a@b.test, Bob <c@d.test>; e@f.test",
	    "a@b.test c@d.test e@f.test"));
	CHECK(is_list("undisclosed recipients:;", ""));
	CHECK(is_list("\"g, h\": a;, b", "a b"));
	CHECK(is_list("<@x.test,@y.test:a@b.test>", "a@b.test"));
	CHECK(is_list("\"odd name\"@b.test", "\"odd name\"@b.test"));
	CHECK(is_list("\"a\\\"b\n c\"@b.test", "\"a\\\"b c\"@b.test"));
	CHECK(is_list("a@[192.0.2.1], b@[IPv6:::1]",
	    "a@[192.0.2.1] b@[IPv6:::1]"));
	CHECK(is_list("\xc3\xa9@b.test", "\xc3\xa9@b.test"));
	CHECK(is_list("=?utf-8?q?=C3=A9?= <a@b.test>", "a@b.test"));
}

static void
test_no_lists(void)
{
	CHECK(is_none("a b"));
	CHECK(is_none("a@b.test c@d.test"));
	CHECK(is_none("<a@b.test> <c@d.test>"));
	CHECK(is_none("<a@b.test> c"));
	CHECK(is_none("<>"));
	CHECK(is_none("a@"));
	CHECK(is_none("@b.test"));
	CHECK(is_none("<a@b.test"));
	CHECK(is_none("a@b.test>"));
	CHECK(is_none("\"open"));
	CHECK(is_none("\"open\\"));
	CHECK(is_none("(open"));
	CHECK(is_none("(open\\"));
	CHECK(is_none("a@[open"));
	CHECK(is_none("a)"));
	CHECK(is_none("a: b"));
	CHECK(is_none("a: b: c;"));
	CHECK(is_none("a@b: c;"));
	CHECK(is_none("a;"));
	CHECK(is_none("a\\b"));
	CHECK(is_none("a@x <a@b.test>"));
	CHECK(!read_list("a\0b", 3));
	CHECK(!read_list("\"a\0b\"", 5));
	CHECK(!read_list("\"a\\\0b\"", 6));
	static char deep[100000];
	memset(deep, '(', sizeof deep);
	CHECK(!read_list(deep, sizeof deep));
}

/* Cut anywhere, it is read to the cut and no further. */
static void
test_cuts(void)
{
	char const s[] =
	    "g: \"A, \\\" B\" (c (d) \\) ) <@x,@y:a.b@[192.0.2.1]>,"
	    "\n e @ f . test;, x";
	for (size_t n = 0; n < sizeof s; n++)
		read_list(s, n);
	CHECK(is_list(s, "a.b@[192.0.2.1] e@f.test x"));
}

int
main(void)
{
	test_lists();
	test_no_lists();
	test_cuts();
	return check_failed;
}
