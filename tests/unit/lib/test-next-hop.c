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

int
main(void)
{
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
		"2001:db8::1", "[x]25", "-", ".example.org", "a\tb" };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct next_hop h;
		if (next_hop_parse(none[i], strlen(none[i]), &h)) {
			fprintf(stderr, "%s was taken\n", none[i]);
			check_failed = 1;
		}
	}
	return check_failed;
}
