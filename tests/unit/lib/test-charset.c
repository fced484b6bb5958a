/* SPDX-License-Identifier: ISC */
#include "charset.h"

#include <stdbool.h>
#include <string.h>
#include "../check.h"

static stralloc out;

static bool
got(char const *name, char const *in, size_t len, char const *want)
{
	out.len = 0;
	return charset_to_utf8(name, strlen(name), in, len, &out) == 1 &&
	    out.len == strlen(want) && memcmp(out.s, want, out.len) == 0;
}

#define GOT(name, in, want) CHECK(got(name, in, sizeof(in) - 1, want))

static void
check_unknown(char const *name)
{
	out.len = 0;
	CHECK(charset_to_utf8(name, strlen(name), "\xe9", 1, &out) == 0);
	CHECK(!out.len);
}

int
main(void)
{
	check_unknown("gb2312");
	charset_open();
	check_unknown("");
	check_unknown("none");
	check_unknown("us-ascii");
	check_unknown("utf-8");
	check_unknown("iso-8859-1");
	GOT("Windows-1252", "a\x80z", "a\xe2\x82\xacz");
	GOT("windows-1252", "\x81", "\xef\xbf\xbd");
	GOT("iso-8859-15", "\xa4\xa4", "\xe2\x82\xac\xe2\x82\xac");
	GOT("cp1251", "", "");
	GOT("koi8-r", "\xf0\xd2", "\xd0\x9f\xd1\x80");
	GOT("GB2312", "\xc4\xe3", "\xe4\xbd\xa0");
	GOT("iso-2022-jp", "\x1b$BF|\x1b(B", "\xe6\x97\xa5");
	GOT("euc-kr", "a\xff", "a\xef\xbf\xbd");
	/* a text that ends within a shift leaves nothing to the next */
	GOT("iso-2022-jp", "\x1b$B", "");
	GOT("iso-2022-jp", "F|", "F|");
	GOT("utf-7", "+AOk-", "\xc3\xa9");
	stralloc_free(&out);
	return check_failed;
}
