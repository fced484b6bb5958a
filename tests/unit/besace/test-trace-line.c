/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "besace/trace-line.h"

/* "TIME|UID|PAIRS" of a line; "" when it is none. */
static char const *
parsed(char const *s)
{
	static char text[512];
	struct trace_line l;
	if (!trace_line_parse(s, strlen(s), &l))
		return "";
	snprintf(text, sizeof text, "%.*s|%.*s|%.*s", (int)l.time.len, l.time.s,
	    (int)l.uid.len, l.uid.s, (int)l.pairs.len, l.pairs.s);
	return text;
}

static bool
is(char const *s, char const *wanted)
{
	char const *seen = parsed(s);
	if (strcmp(seen, wanted) != 0)
		fprintf(stderr, "%s: %s\n", s, seen);
	return strcmp(seen, wanted) == 0;
}

static void
test_lines(void)
{
	CHECK(is("deliver[12]: 1ab deliver to=a@b", "|1ab|to=a@b"));
	CHECK(is("deliver[12]: - error", "|-|"));
	CHECK(is("<6>deliver[12]: 1ab x a=b", "|1ab|a=b"));
	CHECK(is("2026-11-21T14:04:38.123456+0000 mx besace-smtp[1]: "
	         "smtp-session[2]: 1ab accepted from=a@b",
	    "2026-11-21T14:04:38.123456+0000|1ab|from=a@b"));
	CHECK(is("Nov 21 14:04:38 mx smtp-session[2]: 1ab accepted a=b",
	    "|1ab|a=b"));
	CHECK(is("@4000000065a1b2c3d4e5f607 smtp-session[2]: 1ab accepted a=b",
	    "@4000000065a1b2c3d4e5f607|1ab|a=b"));
	CHECK(is("", ""));
	CHECK(is("deliver[12]: ", ""));
	CHECK(is("deliver[]: 1ab x", ""));
	CHECK(is("deliver[12] 1ab x", ""));
	CHECK(is("postfix/smtpd: connect from a[192.0.2.1]", ""));
}

static void
test_pairs(void)
{
	static char const text[] =
	    "a=b  to=\"\\\"x y\\\"@z\" q=\"\\x0a\\\\\" e= "
	    "end=\"no";
	struct bytes rest = bytes_of(text);
	struct trace_pair p;
	CHECK(trace_pair_next(&rest, &p) && bytes_are(p.key, "a"));
	CHECK(trace_value_is(p.value, "B") && !trace_value_is(p.value, "bb"));
	CHECK(!trace_value_is(p.value, ""));
	CHECK(trace_pair_next(&rest, &p) && bytes_are(p.key, "to"));
	CHECK(trace_value_is(p.value, "\"X Y\"@z"));
	CHECK(trace_pair_next(&rest, &p) && trace_value_is(p.value, "\n\\"));
	CHECK(trace_pair_next(&rest, &p) && bytes_are(p.key, "e"));
	CHECK(trace_value_is(p.value, ""));
	CHECK(trace_pair_next(&rest, &p) && bytes_are(p.key, "end"));
	CHECK(!trace_pair_next(&rest, &p));
	CHECK(!trace_value_is((struct bytes){ "b\0b", 3 }, "b"));
}

/* Any cut of a line is read to its end, and not beyond. */
static void
test_cut(void)
{
	static char const text[] =
	    "2026-11-21T14:04:38Z mx a[1]: <6>b[2]: 1ab e k=\"v\\x41\\\" w\" l";
	for (size_t n = 0; n < sizeof text; n++) {
		char *part = malloc(n ? n : 1);
		struct trace_line l;
		struct trace_pair p;
		memcpy(part, text, n);
		if (trace_line_parse(part, n, &l))
			while (trace_pair_next(&l.pairs, &p))
				CHECK(!trace_value_is(p.value, "x"));
		free(part);
	}
}

int
main(void)
{
	test_lines();
	test_pairs();
	test_cut();
	return check_failed;
}
