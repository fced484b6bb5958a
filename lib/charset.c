/* SPDX-License-Identifier: ISC */
#include "charset.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include "charset-tables.h"
#include "charset-wide.h"
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

static int
put_wide(stralloc *out, wide_read *read, char const *s, size_t len)
{
	struct wide_state state = { 0, 0, 0 };
	uint32_t point;
	for (size_t i = 0; i < len;) {
		i +=
		    read(&state, (unsigned char const *)s + i, len - i, &point);
		if (point != WIDE_NONE &&
		    !utf8_append(out,
		        point == WIDE_UNKNOWN ? REPLACEMENT : point))
			return 0;
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
	wide_read *wide = wide_find(name, name_len);
	if (wide)
		return put_wide(out, wide, s, len) ? 1 : -1;
	return 0;
}
