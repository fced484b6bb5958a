/* SPDX-License-Identifier: ISC */
#include "charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include "charset-tables.h"
#include "utf8.h"

enum { REPLACEMENT = 0xfffd };

#define COUNT(a) (sizeof(a) / sizeof *(a))

static bool
is_name(char const *name, size_t len, char const *known)
{
	return strlen(known) == len && strncasecmp(name, known, len) == 0;
}

/* --- one octet a letter ---------------------------------------------------- */

static struct charset_table const *
find_table(char const *name, size_t len)
{
	for (size_t i = 0; i < COUNT(charset_tables); i++)
		if (is_name(name, len, charset_tables[i].name))
			return &charset_tables[i];
	return NULL;
}

static int
put_table(stralloc *out, struct charset_table const *t, char const *s,
    size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = i;
		while (n < len && (unsigned char)s[n] < 0x80)
			n++;
		if (!stralloc_catb(out, s + i, n - i))
			return 0;
		if (n < len &&
		    !utf8_append(out, t->high[(unsigned char)s[n] - 0x80]))
			return 0;
		i = n + 1;
	}
	return 1;
}

/* --- several octets a letter ----------------------------------------------- */

struct wide_charset {
	char const *names[6];
	char const *iconv_name;
	iconv_t cd;
};

static struct wide_charset wide_charsets[] = {
	{ { "gb18030", "gbk", "gb2312", "cp936", "hz-gb-2312" }, "GB18030",
	    NULL },
	{ { "big5", "cp950", "big5-hkscs" }, "BIG5", NULL },
	{ { "shift_jis", "cp932", "windows-31j", "sjis" }, "CP932", NULL },
	{ { "euc-jp" }, "EUC-JP", NULL },
	{ { "iso-2022-jp" }, "ISO-2022-JP", NULL },
	{ { "euc-kr", "ks_c_5601-1987", "cp949", "uhc" }, "CP949", NULL },
	{ { "utf-16", "utf16" }, "UTF-16", NULL },
	{ { "utf-16le" }, "UTF-16LE", NULL },
	{ { "utf-16be" }, "UTF-16BE", NULL },
	{ { "utf-7" }, "UTF-7", NULL },
};

void
charset_open(void)
{
	for (size_t i = 0; i < COUNT(wide_charsets); i++)
		wide_charsets[i].cd =
		    iconv_open("UTF-8", wide_charsets[i].iconv_name);
}

static struct wide_charset *
find_wide(char const *name, size_t len)
{
	for (size_t i = 0; i < COUNT(wide_charsets); i++) {
		struct wide_charset *w = &wide_charsets[i];
		for (size_t k = 0; k < COUNT(w->names) && w->names[k]; k++)
			if (is_name(name, len, w->names[k]))
				return w->cd && w->cd != (iconv_t)-1 ? w : NULL;
	}
	return NULL;
}

static int
put_wide(stralloc *out, struct wide_charset *w, char const *s, size_t len)
{
	char buf[4096];
	char *in = (char *)(uintptr_t)s;
	size_t left = len;
	iconv(w->cd, NULL, NULL, NULL, NULL);
	while (left) {
		char *to = buf;
		size_t room = sizeof buf;
		size_t r = iconv(w->cd, &in, &left, &to, &room);
		if (!stralloc_catb(out, buf, sizeof buf - room))
			return 0;
		if (r == (size_t)-1 && errno != E2BIG) {
			if (!left)
				break;
			in++;
			left--;
			if (!utf8_append(out, REPLACEMENT))
				return 0;
		}
	}
	return 1;
}

int
charset_to_utf8(char const *name, size_t name_len, char const *s, size_t len,
    stralloc *out)
{
	struct charset_table const *t = find_table(name, name_len);
	if (t)
		return put_table(out, t, s, len) ? 1 : -1;
	struct wide_charset *w = find_wide(name, name_len);
	if (w)
		return put_wide(out, w, s, len) ? 1 : -1;
	return 0;
}
