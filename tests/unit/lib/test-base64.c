/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base64.h"

static int failures;

/* RFC 4648 section 10. */
static char const *const pairs[][2] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static char const *const bad[] = { "Zg",
	"Zg=", "Zg==Zg==", "=Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm 9v",
	"Zm9v\n", "Zm9-" };

static void
expect(int ok, char const *what, char const *which)
{
	if (ok)
		return;
	printf("%s: %s\n", what, which);
	failures++;
}

static int
is(stralloc const *sa, char const *s)
{
	return sa->len == strlen(s) && memcmp(sa->s, s, sa->len) == 0;
}

int
main(void)
{
	stralloc sa = STRALLOC_ZERO;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char const *clear = pairs[i][0], *text = pairs[i][1];
		sa.len = 0;
		expect(base64_encode(clear, strlen(clear), &sa) &&
		        is(&sa, text),
		    "encode", clear);
		sa.len = 0;
		expect(base64_decode(text, strlen(text), &sa) == 1 &&
		        is(&sa, clear),
		    "decode", text);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		sa.len = 0;
		expect(base64_decode(bad[i], strlen(bad[i]), &sa) == 0 &&
		        sa.len == 0,
		    "refuse", bad[i]);
	}
	return failures != 0;
}
