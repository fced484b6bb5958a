/* SPDX-License-Identifier: ISC */
/* Text as SEARCH compares it. */
#include "imap-session/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "charset.h"

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

static char const *const folded[][2] = {
	{ "ABC xyz", "abc xyz" },
	{ "\xc3\x89\xc3\xa9", "\xc3\xa9\xc3\xa9" },
	{ "\xd0\x9f\xd0\xa0", "\xd0\xbf\xd1\x80" },
	{ "\xce\xa3", "\xcf\x83" },
	{ "\xef\xbc\xa1", "\xef\xbd\x81" },
	{ "a\xff", "a\xff" },
};

int
main(void)
{
	stralloc out = STRALLOC_ZERO;
	charset_open();
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		out.len = 0;
		text_of_header(headers[i][0], strlen(headers[i][0]), &out);
		stralloc_0(&out);
		check(strcmp(out.s, headers[i][1]) == 0, headers[i][0], out.s);
	}
	for (size_t i = 0; i < sizeof folded / sizeof *folded; i++) {
		stralloc_copys(&out, folded[i][0]);
		text_fold(&out);
		stralloc_0(&out);
		check(strcmp(out.s, folded[i][1]) == 0, folded[i][0], out.s);
	}
	stralloc_free(&out);
	return failures != 0;
}
