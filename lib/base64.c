/* SPDX-License-Identifier: ISC */
#include "base64.h"

#include <stdint.h>
#include <string.h>

static char const alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
digit(char c)
{
	char const *p = c ? strchr(alphabet, c) : NULL;
	return p ? (int)(p - alphabet) : -1;
}

/* Four characters, of which PAD at the end are "=". */
static int
decode_group(char const *s, unsigned int pad, stralloc *out)
{
	uint32_t bits = 0;
	for (unsigned int i = 0; i < 4; i++) {
		int d = i < 4 - pad ? digit(s[i]) : s[i] == '=' ? 0 : -1;
		if (d < 0)
			return 0;
		bits = bits << 6 | (uint32_t)d;
	}
	if (bits & ((1U << (8 * pad)) - 1))
		return 0;
	for (unsigned int i = 0; i < 3 - pad; i++)
		if (!stralloc_append(out, (char)(bits >> (16 - 8 * i))))
			return -1;
	return 1;
}

int
base64_decode(char const *s, size_t len, stralloc *out)
{
	size_t before = out->len;
	if (len % 4)
		return 0;
	for (size_t i = 0; i < len; i += 4) {
		unsigned int pad = 0;
		if (i + 4 == len && s[i + 3] == '=')
			pad = s[i + 2] == '=' ? 2 : 1;
		int r = decode_group(s + i, pad, out);
		if (r <= 0) {
			out->len = before;
			return r;
		}
	}
	return 1;
}

int
base64_encode(char const *s, size_t len, stralloc *out)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t bits = 0;
		for (size_t j = 0; j < 3; j++)
			bits =
			    bits << 8 | (j < n ? (unsigned char)s[i + j] : 0U);
		char group[4];
		for (unsigned int j = 0; j < 4; j++)
			group[j] =
			    j <= n ? alphabet[bits >> (18 - 6 * j) & 63] : '=';
		if (!stralloc_catb(out, group, 4))
			return 0;
	}
	return 1;
}
