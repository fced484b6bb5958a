/* SPDX-License-Identifier: ISC */
/* Text of headers and bodies for SEARCH: always valid UTF-8 comes out, and a
 * transfer encoding is undone alike in one piece and in many. */
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

static void
check_transfer(enum transfer kind, char const *s, size_t len)
{
	struct transfer_decoder whole = { .kind = kind };
	struct transfer_decoder cut = { .kind = kind };
	stralloc one = STRALLOC_ZERO;
	stralloc two = STRALLOC_ZERO;
	if (!transfer_decode(&whole, s, len, &one))
		abort();
	for (size_t i = 0; i < len; i++)
		if (!transfer_decode(&cut, s + i, 1, &two))
			abort();
	if (one.len != two.len ||
	    (one.len && memcmp(one.s, two.s, one.len) != 0))
		abort();
	stralloc_free(&one);
	stralloc_free(&two);
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
		text_open_charsets();
	open = true;
	if (!text_of_header(s, size, &text) || !text_fold(&text))
		abort();
	check_utf8(&text);
	text.len = 0;
	char const *charset = charsets[data[0] % 7];
	if (!text_to_utf8(charset, strlen(charset), s, size, &text))
		abort();
	check_utf8(&text);
	check_transfer(TRANSFER_QP, s, size);
	check_transfer(TRANSFER_BASE64, s, size);
	stralloc_free(&text);
	return 0;
}
