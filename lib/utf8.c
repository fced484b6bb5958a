/* SPDX-License-Identifier: ISC */
#include "utf8.h"

enum { POINT_MAX = 0x10ffff };

static bool
is_surrogate(uint32_t point)
{
	return point >= 0xd800 && point < 0xe000;
}

size_t
utf8_read(char const *s, size_t len, uint32_t *point)
{
	static uint32_t const least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char b = len ? (unsigned char)s[0] : 0xff;
	size_t n = b < 0x80         ? 1
	    : b >= 0xc2 && b < 0xe0 ? 2
	    : b >= 0xe0 && b < 0xf0 ? 3
	    : b >= 0xf0 && b < 0xf5 ? 4
	                            : 0;
	if (!n || n > len)
		return 0;
	uint32_t c = n == 1 ? b : b & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		unsigned char t = (unsigned char)s[i];
		if ((t & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (t & 0x3f);
	}
	if (c < least[n] || c > POINT_MAX || is_surrogate(c))
		return 0;
	*point = c;
	return n;
}

bool
utf8_valid(char const *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t point;
		size_t n = utf8_read(s + i, len - i, &point);
		if (!n)
			return false;
		i += n;
	}
	return true;
}

int
utf8_append(stralloc *out, uint32_t point)
{
	char b[4];
	size_t n = 0;
	if (point > POINT_MAX || is_surrogate(point))
		return 1;
	if (point < 0x80) {
		b[n++] = (char)point;
	} else if (point < 0x800) {
		b[n++] = (char)(0xc0 | point >> 6);
	} else if (point < 0x10000) {
		b[n++] = (char)(0xe0 | point >> 12);
		b[n++] = (char)(0x80 | (point >> 6 & 0x3f));
	} else {
		b[n++] = (char)(0xf0 | point >> 18);
		b[n++] = (char)(0x80 | (point >> 12 & 0x3f));
		b[n++] = (char)(0x80 | (point >> 6 & 0x3f));
	}
	if (point >= 0x80)
		b[n++] = (char)(0x80 | (point & 0x3f));
	return stralloc_catb(out, b, n);
}
