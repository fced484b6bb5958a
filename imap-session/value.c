/* SPDX-License-Identifier: ISC */
#include "value.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "utf8.h"

enum { QUOTED_MAX = 1000 }; /* longer values go as literals */

static bool
fits_quotes(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == '"' || c == '\\' || c == '\r' || c == '\n' || !c)
			return false;
	}
	return len <= QUOTED_MAX;
}

int
value_number(stralloc *out, uint64_t n)
{
	char buf[24];
	int len = snprintf(buf, sizeof buf, "%llu", (unsigned long long)n);
	return stralloc_catb(out, buf, (size_t)len);
}

static int
literal(stralloc *out, char const *s, size_t len)
{
	if (!stralloc_append(out, '{') || !value_number(out, len) ||
	    !stralloc_cats(out, "}\r\n"))
		return 0;
	size_t start = out->len;
	if (!stralloc_catb(out, s, len))
		return 0;
	for (size_t i = start; i < out->len; i++)
		if (!out->s[i])
			out->s[i] = (char)0x80;
	return 1;
}

static bool
is_ascii(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

static int
quoted(stralloc *out, char const *s, size_t len)
{
	return stralloc_append(out, '"') && stralloc_catb(out, s, len) &&
	    stralloc_append(out, '"');
}

int
value_string(stralloc *out, char const *s, size_t len)
{
	bool plain = fits_quotes(s, len) && is_ascii(s, len);
	return (plain ? quoted : literal)(out, s, len);
}

int
value_utf8_string(stralloc *out, char const *s, size_t len)
{
	bool plain = fits_quotes(s, len) && utf8_valid(s, len);
	return (plain ? quoted : literal)(out, s, len);
}
