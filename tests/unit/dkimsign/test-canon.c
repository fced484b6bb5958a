/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <skalibs/stralloc.h>

#include "../check.h"
#include "dkimsign/canon.h"

struct body_case {
	char const *in;
	char const *simple;
	char const *relaxed;
};

/* RFC 6376 3.4.3, 3.4.4 and the example of 3.4.5. */
static struct body_case const bodies[] = {
	{ "", "\r\n", "" },
	{ "\n", "\r\n", "" },
	{ "\n\n\n", "\r\n", "" },
	{ " \t\n", " \t\r\n", "" },
	{ "  ", "  \r\n", "" },
	{ "a", "a\r\n", "a\r\n" },
	{ "a\n", "a\r\n", "a\r\n" },
	{ "a\r\n", "a\r\n", "a\r\n" },
	{ "a\n\n\n", "a\r\n", "a\r\n" },
	{ "a\r\n\r\n", "a\r\n", "a\r\n" },
	{ "\n\na\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n" },
	{ " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n" },
	{ "a \n \n\nb", "a \r\n \r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n" },
	{ "a\rb\n", "a\rb\r\n", "a\rb\r\n" },
	{ "a\r", "a\r\r\n", "a\r\r\n" },
	{ "\r", "\r\r\n", "\r\r\n" },
	{ "a \rb", "a \rb\r\n", "a \rb\r\n" },
	{ "a\r\r\nb", "a\r\r\nb\r\n", "a\r\r\nb\r\n" },
	{ "a\n \t", "a\r\n \t\r\n", "a\r\n" },
};

static int
take(void *arg, char const *s, size_t len)
{
	return stralloc_catb(arg, s, len);
}

/* In pieces of STEP after a first one of FIRST octets. */
static bool
body_is(enum canon how, char const *in, size_t len, size_t first, size_t step,
    char const *wanted)
{
	static struct canon_body b;
	stralloc out = STRALLOC_ZERO;
	canon_body_init(&b, how, take, &out);
	bool ok = canon_body_feed(&b, in, first) == 1;
	for (size_t i = first; i < len; i += step)
		ok = ok &&
		    canon_body_feed(&b, in + i,
		        len - i < step ? len - i : step) == 1;
	ok = ok && canon_body_end(&b) == 1;
	bool same = out.len == strlen(wanted) &&
	    (!out.len || memcmp(out.s, wanted, out.len) == 0);
	stralloc_free(&out);
	return ok && same;
}

static void
check_bodies(void)
{
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct body_case const *c = &bodies[i];
		size_t len = strlen(c->in);
		for (size_t first = 0; first <= len; first++)
			for (size_t step = 1; step < 4; step++) {
				CHECK(body_is(CANON_SIMPLE, c->in, len, first,
				    step, c->simple));
				CHECK(body_is(CANON_RELAXED, c->in, len, first,
				    step, c->relaxed));
			}
		if (check_failed) {
			fprintf(stderr, "body case %zu\n", i);
			return;
		}
	}
}

/* Over the buffer's edge, and a sink that stops. */
static int
stop(void *arg, char const *s, size_t len)
{
	(void)s;
	size_t *left = arg;
	if (len > *left)
		return 0;
	*left -= len;
	return 1;
}

static void
check_long(void)
{
	static char line[20000];
	static struct canon_body b;
	stralloc out = STRALLOC_ZERO;
	memset(line, 'x', sizeof line);
	canon_body_init(&b, CANON_RELAXED, take, &out);
	CHECK(canon_body_feed(&b, line, sizeof line));
	CHECK(canon_body_end(&b));
	CHECK(out.len == sizeof line + 2);
	stralloc_free(&out);
	size_t left = 10000;
	canon_body_init(&b, CANON_SIMPLE, stop, &left);
	CHECK(!canon_body_feed(&b, line, sizeof line) || !canon_body_end(&b));
}

static bool
field_is(enum canon how, char const *in, char const *wanted)
{
	struct message_field f;
	stralloc out = STRALLOC_ZERO;
	size_t pos = 0;
	bool ok = message_next_field(in, strlen(in), &pos, &f) == 1 &&
	    canon_field(how, &f, &out) == 1;
	bool same =
	    out.len == strlen(wanted) && memcmp(out.s, wanted, out.len) == 0;
	stralloc_free(&out);
	return ok && same;
}

static void
check_fields(void)
{
	CHECK(field_is(CANON_RELAXED, "A: X\r\n", "a:X\r\n"));
	CHECK(field_is(CANON_RELAXED, "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"));
	CHECK(field_is(CANON_RELAXED, "B : Y\t\n\tZ  \n", "b:Y Z\r\n"));
	CHECK(
	    field_is(CANON_SIMPLE, "B : Y\t\n\tZ  \n", "B : Y\t\r\n\tZ  \r\n"));
	CHECK(field_is(CANON_SIMPLE, "A:x", "A:x\r\n"));
	CHECK(field_is(CANON_RELAXED, "SUBJect:\n a\n", "subject:a\r\n"));
	CHECK(field_is(CANON_RELAXED, "X:\n", "x:\r\n"));
	CHECK(field_is(CANON_RELAXED, "X: \n \n", "x:\r\n"));
	CHECK(field_is(CANON_RELAXED, "X: a\n \n", "x:a\r\n"));
	CHECK(field_is(CANON_RELAXED, "X: a\rb\n", "x:a\rb\r\n"));
	CHECK(field_is(CANON_RELAXED, "X: \xc3\xa4 \xff\n",
	    "x:\xc3\xa4 \xff\r\n"));
}

int
main(void)
{
	check_bodies();
	check_long();
	check_fields();
	return check_failed;
}
