/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "../check.h"
#include "dkimsign/author.h"

static bool
author_is(char const *m, int found, char const *domain)
{
	stralloc sa = STRALLOC_ZERO;
	int r = author_domain(m, strlen(m), &sa);
	bool ok = r == found &&
	    (r != AUTHOR_ONE ||
	        (sa.len == strlen(domain) &&
	            memcmp(sa.s, domain, sa.len) == 0));
	if (!ok)
		fprintf(stderr, "%s: %d %.*s\n", m, r, (int)sa.len,
		    sa.s ? sa.s : "");
	stralloc_free(&sa);
	return ok;
}

static struct {
	char const *value;
	char const *domain; /* NULL: none can be read */
} const values[] = {
	{ "a@b.c", "b.c" },
	{ "A <a@B.C>", "b.c" },
	{ "<a@b.c>", "b.c" },
	{ "\"x@evil.test\" <a@b.c>", "b.c" },
	{ "(x@evil.test) a@b.c", "b.c" },
	{ "a(one)@(two (three))b.(four)c", "b.c" },
	{ "\"a\\\"@evil.test\"@b.c", "b.c" },
	{ "\"<x@evil.test>\" <a@b.c>", "b.c" },
	{ "x@evil.test <a@b.c>", "b.c" },
	{ "=?utf-8?q?x=40evil.test?= <a@b.c>", "b.c" },
	{ "a@b.c, d@e.f", "b.c" },
	{ "A <a@b.c>, D <d@e.f>", "b.c" },
	{ "group: a@b.c, d@e.f;", "b.c" },
	{ "group:;, a@b.c", "b.c" },
	{ "<@hop.test,@hop2.test:a@b.c>", "b.c" },
	{ "\n\tA\n\t<a@b.c>", "b.c" },
	{ "a @ b . c", "b.c" },
	{ "a@b@c.d", "c.d" },
	{ "a@\xc3\xa4.test", "xn--4ca.test" },
	{ "a", NULL },
	{ "", NULL },
	{ "a@", NULL },
	{ "a@.b", NULL },
	{ "a@b..c", NULL },
	{ "a@b.", NULL },
	{ "a@b;c", "b" },
	{ "a@b\\c", NULL },
	{ "a@[192.0.2.1]", NULL },
	{ "(a@b.c", NULL },
	{ "\"a@b.c", NULL },
	{ "<>", NULL },
	{ "group:;", NULL },
	{ "a@b=c", NULL },
	{ "a@b/../c", NULL },
};

int
main(void)
{
	char m[512];
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		snprintf(m, sizeof m,
		    "Subject: x\nFrom: %s\nTo: y@z\n\nFrom: z\n",
		    values[i].value);
		CHECK(author_is(m, values[i].domain ? AUTHOR_ONE : AUTHOR_BAD,
		    values[i].domain));
	}
	CHECK(author_is("", AUTHOR_NONE, NULL));
	CHECK(author_is("To: a@b\n\nFrom: a@b.c\n", AUTHOR_NONE, NULL));
	CHECK(author_is("From: a@b.c\nfrom: d@e.f\n\n", AUTHOR_SEVERAL, NULL));
	CHECK(author_is("From x Mon\nfrom: d@e.f\n", AUTHOR_ONE, "e.f"));
	return check_failed;
}
