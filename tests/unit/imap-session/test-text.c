/* SPDX-License-Identifier: ISC */
/* Text as SEARCH compares it. */
#include "imap-session/text.h"

#include <stdbool.h>
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

static char const *const headers[][2] = {
	{ " plain\r\n", "plain" },
	{ "two\r\n lines", "two lines" },
	{ "=?utf-8?Q?caf=C3=A9?=", "caf\xc3\xa9" },
	{ "=?ISO-8859-1?q?caf=E9_x?= y", "caf\xc3\xa9 x y" },
	{ "=?iso-8859-1*fr?Q?=E9?=", "\xc3\xa9" },
	{ "=?utf-8?B?w6k=?=", "\xc3\xa9" },
	/* a character cut between two words */
	{ "=?utf-8?Q?=C3?=\r\n =?utf-8?Q?=A9?=", "\xc3\xa9" },
	{ "=?utf-8?B?w6k=?= =?utf-8?B?w6k=?=", "\xc3\xa9\xc3\xa9" },
	{ "=?utf-8?Q?a?= =?iso-8859-1?Q?b?=", "ab" },
	{ "=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c" },
	{ "=?windows-1252?Q?=80?=", "\xe2\x82\xac" },
	{ "=?koi8-r?B?8NLJ18XU?=",
	    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
	{ "=?gb2312?B?xOO6ww==?=", "\xe4\xbd\xa0\xe5\xa5\xbd" },
	{ "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac" },
	/* not quite */
	{ "=?utf-8?X?a?=", "=?utf-8?X?a?=" },
	{ "=?utf-8?Q?a", "=?utf-8?Q?a" },
	{ "a =?= b", "a =?= b" },
	/* raw 8-bit: UTF-8, else ISO-8859-1 */
	{ "caf\xc3\xa9", "caf\xc3\xa9" },
	{ "caf\xe9", "caf\xc3\xa9" },
	{ "\xc3", "\xc3\x83" },
};

/* RFC 5051: titlecase, then all decompositions. */
static char const *const mapped[][2] = {
	{ "ABC xyz", "ABC XYZ" },
	{ "a longer text: 0@AZ[`az{~", "A LONGER TEXT: 0@AZ[`AZ{~" },
	{ "\xc3\x89\xc3\xa9",
	    "E\xcc\x81"
	    "E\xcc\x81" },
	{ "seven ch\xc3\xa9", "SEVEN CHE\xcc\x81" },
	{ "\xd0\x9f\xd1\x80", "\xd0\x9f\xd0\xa0" },
	{ "\xcf\x82\xcf\x83", "\xce\xa3\xce\xa3" },
	/* full width, ligature, sharp s, titlecase digraph */
	{ "\xef\xbd\x81", "A" },
	{ "\xef\xac\x81", "fi" },
	{ "\xc3\x9f", "\xc3\x9f" },
	{ "\xc7\x86", "Dz\xcc\x8c" },
	/* beyond the tables, and no UTF-8 */
	{ "\xf3\xa0\x80\x81", "\xf3\xa0\x80\x81" },
	{ "a\xff", "A\xff" },
};

int
main(void)
{
	stralloc out = STRALLOC_ZERO;
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		out.len = 0;
		text_of_header(headers[i][0], strlen(headers[i][0]), &out);
		stralloc_0(&out);
		check(strcmp(out.s, headers[i][1]) == 0, headers[i][0], out.s);
	}
	for (size_t i = 0; i < sizeof mapped / sizeof *mapped; i++) {
		out.len = 0;
		text_casemap(mapped[i][0], strlen(mapped[i][0]), &out);
		stralloc_0(&out);
		check(strcmp(out.s, mapped[i][1]) == 0, mapped[i][0], out.s);
	}
	stralloc_free(&out);
	return failures != 0;
}
