/* SPDX-License-Identifier: ISC */
/* The first words of a text and of HTML. */
#include "imap-session/preview.h"

#include <stdio.h>
#include <string.h>

static int failures;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

static char const *const texts[][2] = {
	{ "one  two\r\n\r\n\tthree\n", "one two three" },
	{ "\n\n \n", "" },
	{ "> quoted\n>more\nanswer\n> end", "answer" },
	{ "text\n-- \nsignature\n", "text" },
	{ "text\r\n-- \r\nsignature\r\n", "text" },
	{ "a -- b\n--\nc", "a -- b" },
	{ "caf\xc3\xa9\xc2\xa0\xe2\x80\x8b x", "caf\xc3\xa9 x" },
	{ "a\x01"
	  "b\x7f",
	    "a b" },
	{ "a\xff", "a\xef\xbf\xbd" },
};

static char const *const pages[][2] = {
	{ "<html><head><title>T</title><style>x{}</style></head>"
	  "<BODY class=x><p>Caf&eacute; &amp; <b>tea</b>&nbsp;!<br>more</body>",
	    "Caf\xc3\xa9 & tea ! more" },
	{ "no tags < at all", "no tags < at all" },
	{ "<script>alert(1)</script><p>x", "x" },
	{ "<p><img src=x>", "" },
};

static void
test(int (*preview)(char const *, size_t, stralloc *),
    char const *const (*cases)[2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		stralloc out = STRALLOC_ZERO;
		char const *in = cases[i][0];
		char const *want = cases[i][1];
		check(preview(in, strlen(in), &out) &&
		        out.len == strlen(want) &&
		        (!out.len || memcmp(out.s, want, out.len) == 0),
		    "preview", in);
		stralloc_free(&out);
	}
}

/* Characters are counted, not octets, and a word may be cut. */
static void
test_length(void)
{
	stralloc in = STRALLOC_ZERO;
	stralloc out = STRALLOC_ZERO;
	for (int i = 0; i < PREVIEW_MAX + 50; i++)
		check(stralloc_cats(&in, "\xc3\xa9"), "room", "");
	check(preview_of_text(in.s, in.len, &out) && out.len == 2 * PREVIEW_MAX,
	    "length", "letters");
	in.len = out.len = 0;
	for (int i = 0; i < PREVIEW_MAX; i++)
		check(stralloc_cats(&in, "a "), "room", "");
	check(preview_of_text(in.s, in.len, &out) &&
	        out.len == PREVIEW_MAX - 1 && out.s[out.len - 1] == 'a',
	    "length", "words");
	stralloc_free(&in);
	stralloc_free(&out);
}

int
main(void)
{
	test(preview_of_text, texts, sizeof texts / sizeof *texts);
	test(preview_of_html, pages, sizeof pages / sizeof *pages);
	test_length();
	return failures != 0;
}
