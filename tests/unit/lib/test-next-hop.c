/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/next-hop.h"

static void
is(char const *s, char const *name, unsigned int port, bool exact, bool address)
{
	struct next_hop h;
	if (!next_hop_parse(s, strlen(s), &h) || strcmp(h.name, name) != 0 ||
	    h.port != port || h.exact != exact || h.address != address) {
		fprintf(stderr, "%s: %s %u %d %d\n", s, h.name, h.port, h.exact,
		    h.address);
		check_failed = 1;
	}
}

/* The text of a next hop, and that it is read as the same. */
static void
formats(char const *s, char const *expected)
{
	struct next_hop h, again;
	char text[NEXT_HOP_TEXT_MAX] = "";
	if (next_hop_parse(s, strlen(s), &h))
		next_hop_format(&h, text);
	if (strcmp(text, expected) != 0 ||
	    !next_hop_parse(text, strlen(text), &again) ||
	    strcmp(h.name, again.name) != 0 || h.port != again.port ||
	    h.smtps != again.smtps || h.exact != again.exact) {
		fprintf(stderr, "%s: %s\n", s, text);
		check_failed = 1;
	}
}

static void
test_format(void)
{
	formats("Example.org", "example.org");
	formats("example.org:25", "example.org:25");
	formats("[MX.example.org]:587", "[mx.example.org]:587");
	formats("[mx.example.org]:465", "[mx.example.org]:465");
	formats("smtps:[mx.example.org]", "[mx.example.org]:465");
	formats("SMTPS:[mx.example.org]:10465", "smtps:[mx.example.org]:10465");
	formats("smtps:example.org", "example.org:465");
	formats("smtps:25", "smtps:25");
	formats("[192.0.2.1]", "[192.0.2.1]");
	formats("[2001:DB8:0::1]:25", "[IPv6:2001:db8::1]:25");
}

static void
test_smtps(void)
{
	struct next_hop h;
	CHECK(next_hop_parse("smtps:[a.b]:25", 14, &h) && h.smtps &&
	    h.port == 25);
	CHECK(next_hop_parse("a.b:465", 7, &h) && h.smtps);
	CHECK(next_hop_parse("a.b:587", 7, &h) && !h.smtps);
	CHECK(next_hop_parse("smtps:25", 8, &h) && !h.smtps);
}

int
main(void)
{
	test_format();
	test_smtps();
	is("example.org", "example.org", 0, false, false);
	is("Example.ORG:587", "example.org", 587, false, false);
	is("[mx.example.org]", "mx.example.org", 0, true, false);
	is("[mx.example.org]:25", "mx.example.org", 25, true, false);
	is("[192.0.2.1]", "192.0.2.1", 0, true, true);
	is("[IPv6:2001:db8::1]:65535", "2001:db8::1", 65535, true, true);
	is("[2001:db8::1]", "2001:db8::1", 0, true, true);
	is("b\xc3\xbc"
	   "cher.test",
	    "xn--bcher-kva.test", 0, false, false);
	is("localhost", "localhost", 0, false, false);
	static char const *const none[] = { "", "[]", "[", "[x", "x]", "[x]y",
		"[x]:", "[x]:0", "[x]:65536", "x:", "x:99999999999", "x:25y",
		"192.0.2.1", "[IPv6:192.0.2.1]", "a b", "a..b", "[a b]",
		"2001:db8::1", "[x]25", "-", ".example.org", "a\tb",
		"smtps:", "smtps:smtps:[x]", "smtp:[x]", "[x]:smtps:" };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct next_hop h;
		if (next_hop_parse(none[i], strlen(none[i]), &h)) {
			fprintf(stderr, "%s was taken\n", none[i]);
			check_failed = 1;
		}
	}
	return check_failed;
}
