/* SPDX-License-Identifier: ISC */
/* URLs: what gets through names a folder that never leaves the Maildir, and what
 * is told back fits a response code. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "imap-session/url.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check_url(char const *s, size_t len, char separator)
{
	struct url u = { .section = STRALLOC_ZERO };
	if (url_parse(s, len, separator, &u)) {
		if (!u.uid || strchr(u.folder, '/') || strstr(u.folder, "..") ||
		    u.folder[0] == '.' || u.section.len > len)
			abort();
		for (size_t i = 0; i < u.section.len; i++)
			if ((unsigned char)u.section.s[i] < 0x20)
				abort();
	}
	stralloc_free(&u.section);
}

static void
check_show(char const *s, size_t len)
{
	stralloc out = STRALLOC_ZERO;
	if (!url_show(s, len, 100, &out) || out.len > 300)
		abort();
	for (size_t i = 0; i < out.len; i++)
		if (out.s[i] <= 0x20 || out.s[i] == 0x7f || out.s[i] == '"' ||
		    out.s[i] == '\\' || out.s[i] == ']')
			abort();
	stralloc_free(&out);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	check_url(s, size, '.');
	check_url(s, size, '/');
	check_show(s, size);
	return 0;
}
