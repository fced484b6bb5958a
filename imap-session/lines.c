/* SPDX-License-Identifier: ISC */
#include "lines.h"

#include <string.h>

/* One line's text. */
static int
append_text(stralloc *out, char const *s, size_t len)
{
	size_t start = out->len;
	if (!stralloc_catb(out, s, len))
		return 0;
	char *at = out->s + start;
	char *end = out->s + out->len;
	while (at < end && (at = memchr(at, 0, (size_t)(end - at))))
		*at = (char)0x80;
	return 1;
}

int
lines_append(stralloc *out, char const *s, size_t len)
{
	while (len) {
		char const *lf = memchr(s, '\n', len);
		size_t n = lf ? (size_t)(lf - s) : len;
		size_t text = n && s[n - 1] == '\r' && lf ? n - 1 : n;
		if (!append_text(out, s, text) ||
		    !stralloc_catb(out, "\r\n", 2))
			return 0;
		s += n + (lf != NULL);
		len -= n + (lf != NULL);
	}
	return 1;
}
