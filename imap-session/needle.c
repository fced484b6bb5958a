/* SPDX-License-Identifier: ISC */
#include "needle.h"

#include <string.h>
#include "text.h"

bool
needle_is_raw(stralloc const *needle)
{
	return needle->len && needle->len <= NEEDLE_RAW_MAX &&
	    text_is_ascii(needle->s, needle->len);
}

/* How common a capital and its small letter are in mail, about: the place in a
 * row that goes from rare to common. */
static size_t
rank(char c)
{
	static char const common[] =
	    "ZQXJKVBWYGPFMUCDL0123456789HSR/N=I.O-AT,E ";
	char const *at = memchr(common, c, sizeof common - 1);
	return at ? (size_t)(at - common) + 1 : 0;
}

static size_t
rarest(stralloc const *needle)
{
	size_t best = 0;
	for (size_t i = 1; i < needle->len; i++)
		if (rank(needle->s[i]) < rank(needle->s[best]))
			best = i;
	return best;
}

static char
capital(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool
stands_at(stralloc const *needle, char const *s)
{
	for (size_t i = 0; i < needle->len; i++)
		if (capital(s[i]) != needle->s[i])
			return false;
	return true;
}

/* Whether it stands in S with this letter, small or big, at its place. */
static bool
has(stralloc const *needle, size_t place, char letter, char const *s,
    char const *end)
{
	for (; s < end; s++) {
		s = memchr(s, letter, (size_t)(end - s));
		if (!s)
			return false;
		if (stands_at(needle, s - place))
			return true;
	}
	return false;
}

bool
needle_in_raw(stralloc const *needle, char const *s, size_t len)
{
	if (len < needle->len)
		return false;
	size_t place = rarest(needle);
	char big = needle->s[place];
	char const *from = s + place;
	char const *end = from + (len - needle->len) + 1;
	if (has(needle, place, big, from, end))
		return true;
	return big >= 'A' && big <= 'Z' &&
	    has(needle, place, (char)(big - 'A' + 'a'), from, end);
}
