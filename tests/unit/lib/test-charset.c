/* SPDX-License-Identifier: ISC */
#include "charset.h"

#include <iconv.h>
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

/* Each pair of octets, and what is around it, as the C library has it. */
static void
check_pairs(char const *name, char const *iconv_name)
{
	iconv_t cd = iconv_open("UTF-8", iconv_name);
	CHECK(cd != (iconv_t)-1);
	for (unsigned i = 0x8000; i < 0x10000; i++) {
		char pair[] = { (char)(i >> 8), (char)i, 0 };
		char want[16];
		char *in = pair, *to = want;
		size_t left = 2, room = sizeof want;
		iconv(cd, NULL, NULL, NULL, NULL);
		bool known = iconv(cd, &in, &left, &to, &room) == 0;
		size_t len = sizeof want - room;
		/* letters beyond the first plane, or of two points, are not
		 * in our tables, and control octets are no letters */
		if (!known || len > 3 ||
		    (want[0] == '\xc2' && (unsigned char)want[1] < 0xa0))
			continue;
		want[len] = 0;
		CHECK(got(name, pair, 2, want));
	}
	iconv_close(cd);
}

static void
check_all_pairs(void)
{
	check_pairs("gb18030", "GB18030");
	check_pairs("big5", "BIG5");
	check_pairs("shift_jis", "CP932");
	check_pairs("euc-kr", "CP949");
	check_pairs("euc-jp", "EUC-JP");
}

static void
check_shifts(void)
{
	GOT("iso-2022-jp", "\x1b$BF|\x1b(B", "\xe6\x97\xa5");
	GOT("iso-2022-jp", "\x1b$BF|\x1b(Ba\x1b(I1", "日aｱ");
	GOT("iso-2022-jp-2", "\x1b$ADc\x1b$(C0!", "你가");
	GOT("iso-2022-kr",
	    "\x1b$)C\x0e"
	    "0!\x0f!",
	    "가!");
	/* a text that ends within a shift leaves nothing to the next */
	GOT("iso-2022-jp", "\x1b$B", "");
	GOT("iso-2022-jp", "F|", "F|");
	GOT("iso-2022-jp", "\x1b$BF", "\xef\xbf\xbd");
	GOT("hz-gb-2312", "a~{Dc~}b~~", "a你b~");
	GOT("euc-jp", "\x8e\xb1\x8f\xb0\xa2", "ｱ丄");
	GOT("gb18030", "\x81\x30\x81\x30\x90\x30\x81\x30", "\xc2\x80𐀀");
	GOT("gb18030", "\xff\x30\x81\x30",
	    "\xef\xbf\xbd"
	    "0\xef\xbf\xbd"
	    "0");
}

static void
check_utf(void)
{
	GOT("utf-7", "+AOk-", "é");
	GOT("utf-7", "a+-b+2D3cqQ-c+AOkA6Q", "a+b💩céé");
	GOT("utf-7", "+2D0-+3Kk-", "\xef\xbf\xbd");
	GOT("utf-16", "\xff\xfe\xe9\0a\0", "éa");
	GOT("utf-16", "\xfe\xff\0\xe9\xd8\x3d\xdc\xa9", "é💩");
	GOT("utf-16", "\0a", "a");
	GOT("utf-16le",
	    "a\0\x3d\xd8"
	    "b\0",
	    "a\xef\xbf\xbd"
	    "b");
	GOT("utf-16be", "\0ax", "a\xef\xbf\xbd");
}

int
main(void)
{
	check_all_pairs();
	check_shifts();
	check_utf();
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
	GOT("euc-kr", "a\xff", "a\xef\xbf\xbd");
	stralloc_free(&out);
	return check_failed;
}
