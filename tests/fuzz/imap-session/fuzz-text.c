/* SPDX-License-Identifier: ISC */
/* Text of headers and bodies for SEARCH: always valid UTF-8 comes out. A base
 * subject is a part of the subject, and its own base subject. */
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "imap-session/subject.h"
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
check_subject(char const *data, size_t size)
{
	size_t start;
	size_t again;
	bool reply;
	char *s = malloc(size + 1);
	if (!s)
		abort();
	memcpy(s, data, size);
	size_t len = size;
	subject_base(s, &start, &len, &reply);
	size_t base = len;
	if (start + len > size)
		abort();
	subject_base(s + start, &again, &len, &reply);
	if (again || len != base || reply)
		abort();
	free(s);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char const *const charsets[] = { "utf-8", "iso-8859-15",
		"windows-1251", "gb2312", "iso-2022-jp", "utf-7", "none",
		"hz-gb-2312", "euc-jp", "sjis", "utf-16", "euc-kr" };
	stralloc text = STRALLOC_ZERO;
	stralloc mapped = STRALLOC_ZERO;
	char const *s = (char const *)data;
	if (!size)
		return 0;
	if (!text_of_header(s, size, &text) ||
	    !text_casemap(text.s, text.len, &mapped))
		abort();
	check_utf8(&text);
	check_utf8(&mapped);
	mapped.len = 0;
	if (!text_casemap(s, size, &mapped))
		abort();
	check_subject(s, size);
	text.len = 0;
	char const *charset =
	    charsets[data[0] % (sizeof charsets / sizeof *charsets)];
	if (!text_to_utf8(charset, strlen(charset), s, size, &text))
		abort();
	check_utf8(&text);
	stralloc_free(&text);
	stralloc_free(&mapped);
	return 0;
}
