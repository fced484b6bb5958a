/* SPDX-License-Identifier: ISC */
/* Text of headers and bodies for SEARCH: always valid UTF-8 comes out. */
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "charset.h"
#include "imap-session/text.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check_utf8(stralloc const *text)
{
	static iconv_t cd;
	char buf[8192];
	if (!cd)
		cd = iconv_open("UTF-32LE", "UTF-8");
	char *in = text->s;
	size_t left = text->len;
	while (left) {
		char *to = buf;
		size_t room = sizeof buf;
		size_t before = left;
		iconv(cd, &in, &left, &to, &room);
		if (left == before)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char const *const charsets[] = { "utf-8", "iso-8859-15",
		"windows-1251", "gb2312", "iso-2022-jp", "utf-7", "none" };
	static bool open;
	stralloc text = STRALLOC_ZERO;
	char const *s = (char const *)data;
	if (!size)
		return 0;
	if (!open)
		charset_open();
	open = true;
	if (!text_of_header(s, size, &text) || !text_fold(&text))
		abort();
	check_utf8(&text);
	text.len = 0;
	char const *charset = charsets[data[0] % 7];
	if (!text_to_utf8(charset, strlen(charset), s, size, &text))
		abort();
	check_utf8(&text);
	stralloc_free(&text);
	return 0;
}
