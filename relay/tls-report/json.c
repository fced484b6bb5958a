/* SPDX-License-Identifier: ISC */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

/* RFC 8259 section 7. DEL needs no escape, and gets one: nobody sees it. */
static int
put_octet(stralloc *out, char c)
{
	char escape[8];
	if (c == '"' || c == '\\')
		return stralloc_append(out, '\\') && stralloc_append(out, c);
	if ((unsigned char)c >= 0x20 && c != 0x7f)
		return stralloc_append(out, c);
	snprintf(escape, sizeof escape, "\\u%04x", (unsigned char)c);
	return stralloc_cats(out, escape);
}

int
json_string(stralloc *out, char const *s, size_t len)
{
	uint32_t point;
	int ok = stralloc_append(out, '"');
	for (size_t i = 0; ok && i < len;) {
		size_t n = utf8_read(s + i, len - i, &point);
		ok = n == 0  ? stralloc_cats(out, "\xef\xbf\xbd")
		    : n == 1 ? put_octet(out, s[i])
		             : stralloc_catb(out, s + i, n);
		i += n ? n : 1;
	}
	return ok && stralloc_append(out, '"');
}

int
json_member(stralloc *out, char const *name, char const *s, size_t len)
{
	return json_string(out, name, strlen(name)) &&
	    stralloc_append(out, ':') && json_string(out, s, len);
}

int
json_number(stralloc *out, char const *name, uint64_t n)
{
	char digits[24];
	snprintf(digits, sizeof digits, ":%" PRIu64, n);
	return json_string(out, name, strlen(name)) &&
	    stralloc_cats(out, digits);
}
