/* SPDX-License-Identifier: ISC */
#include "encoded-word.h"

#include <string.h>
#include "../check.h"

/* "{charset:text}", or the text itself outside of words. */
static int
show(char const *charset, size_t charset_len, char const *s, size_t len,
    stralloc *out)
{
	if (!charset_len)
		return stralloc_catb(out, s, len);
	return stralloc_append(out, '{') &&
	    stralloc_catb(out, charset, charset_len) &&
	    stralloc_append(out, ':') && stralloc_catb(out, s, len) &&
	    stralloc_append(out, '}');
}

static char const *const cases[][2] = {
	{ "", "" },
	{ "plain =? text", "plain =? text" },
	{ "=?utf-8?Q?a_b=20?= c", "{utf-8:a b } c" },
	{ "x=?utf-8?B?YWI=?=", "x{utf-8:ab}" },
	{ "=?a*fr?q?b?=", "{a:b}" },
	{ "=?a?q?=3F?=", "{a:?}" },
	{ "=?a?q?really?_yes?=", "{a:really? yes}" },
	{ "=?a?q?b c?=", "{a:b c}" },
	{ "=?a?q?\?=", "{a:}" },
	/* rows: white space goes, one character set is read in one piece */
	{ "=?a?q?b?= \t=?A?b?Yw==?=", "{a:bc}" },
	{ "=?a?q?b?==?a?q?c?=", "{a:bc}" },
	{ "=?a?q?b?= =?d?q?c?= e", "{a:b}{d:c} e" },
	{ "=?a?q?b?= e =?a?q?c?=", "{a:b} e {a:c}" },
	{ "=?a?q?b?= =?", "{a:b} =?" },
	/* not quite */
	{ "=?a?x?b?=", "=?a?x?b?=" },
	{ "=?a?qq?b?=", "=?a?qq?b?=" },
	{ "=?\?q?b?=", "=?\?q?b?=" },
	{ "=?*fr?q?b?=", "=?*fr?q?b?=" },
	{ "=?a?q?b", "=?a?q?b" },
	{ "=?a?q?b?", "=?a?q?b?" },
	{ "=?=?=?q?", "=?=?=?q?" },
	{ "=?a?q?b?c?d?e?f?g?h?i?j?k?=", "=?a?q?b?c?d?e?f?g?h?i?j?k?=" },
	{ "=?0123456789012345678901234567890123456789?q?b?=",
	    "=?0123456789012345678901234567890123456789?q?b?=" },
};

int
main(void)
{
	stralloc out = STRALLOC_ZERO;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char const *in = cases[i][0];
		out.len = 0;
		CHECK(encoded_word_decode(in, strlen(in), show, &out));
		CHECK(stralloc_0(&out));
		if (strcmp(out.s, cases[i][1]) != 0) {
			fprintf(stderr, "[%s] wanted [%s]\n", out.s,
			    cases[i][1]);
			check_failed = 1;
		}
	}
	stralloc_free(&out);
	return check_failed;
}
