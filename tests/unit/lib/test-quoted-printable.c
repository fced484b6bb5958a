/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <skalibs/stralloc.h>

#include "../check.h"
#include "quoted-printable.h"

static int
add(void *arg, char const *s, size_t len)
{
	return stralloc_catb(arg, s, len);
}

static void
becomes_of(char const *s, size_t len, char const *wanted)
{
	static stralloc out;
	out.len = 0;
	CHECK(quoted_printable(s, len, add, &out));
	if (out.len != strlen(wanted) ||
	    (out.len && memcmp(out.s, wanted, out.len) != 0)) {
		fprintf(stderr, "%s: %.*s\n", s, (int)out.len, out.s);
		check_failed = 1;
	}
}

static void
becomes(char const *s, char const *wanted)
{
	becomes_of(s, strlen(s), wanted);
}

static void
test_octets(void)
{
	becomes("", "");
	becomes("\n", "\n");
	becomes("a", "a");
	becomes("gr\xc3\xbcn\n", "gr=C3=BCn\n");
	becomes("1 = 1\r\n~!\r\n", "1 =3D 1\n~!\n");
	becomes_of("\0\x7f\x1b\x80\xff", 5, "=00=7F=1B=80=FF");
	/* blanks, and CR alone */
	becomes("a b \nc\t\n \n", "a b=20\nc=09\n=20\n");
	becomes("a ", "a=20");
	becomes("a\rb\r\r\nc\r", "a=0Db=0D\nc=0D");
	becomes("-- \n--x\n", "--=20\n--x\n");
}

/* N times C in front of S. */
static void
fill(char out[200], size_t n, char c, char const *s)
{
	memset(out, c, n);
	strcpy(out + n, s);
}

static void
test_lines(void)
{
	char s[200], wanted[200];
	fill(s, 76, 'x', "\n");
	becomes(s, s);
	fill(s, 77, 'x', "\n");
	fill(wanted, 75, 'x', "=\nxx\n");
	becomes(s, wanted);
	fill(s, 73, 'x', "\xff\n");
	fill(wanted, 73, 'x', "=FF\n");
	becomes(s, wanted);
	fill(s, 74, 'x', "\xff\n");
	fill(wanted, 74, 'x', "=\n=FF\n");
	becomes(s, wanted);
	fill(s, 73, 'x', "\xff\xff\n");
	fill(wanted, 73, 'x', "=\n=FF=FF\n");
	becomes(s, wanted);
	/* no boundary begins behind a soft break */
	fill(s, 75, 'x', "--b\n");
	fill(wanted, 75, 'x', "=\n=2D-b\n");
	becomes(s, wanted);
	fill(s, 75, 'x', " \n");
	fill(wanted, 75, 'x', "=\n=20\n");
	becomes(s, wanted);
}

static int
stop(void *arg, char const *s, size_t len)
{
	(void)s;
	*(size_t *)arg += len;
	return 0;
}

int
main(void)
{
	size_t n = 0;
	test_octets();
	test_lines();
	CHECK(!quoted_printable("a\nb\n", 4, stop, &n) && n == 2);
	return check_failed;
}
