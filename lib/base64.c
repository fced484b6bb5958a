/* SPDX-License-Identifier: ISC */
#include "base64.h"

#include <stdint.h>
#include <string.h>

static char const digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int
base64_encode(char const *s, size_t len, stralloc *sa)
{
	if (!stralloc_readyplus(sa, len / 3 * 4 + 4))
		return 0;
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t group = 0;
		for (size_t k = 0; k < 3; k++)
			group =
			    group << 8 | (k < n ? (unsigned char)s[i + k] : 0u);
		char *out = sa->s + sa->len;
		out[0] = digits[group >> 18];
		out[1] = digits[group >> 12 & 63];
		out[2] = n > 1 ? digits[group >> 6 & 63] : '=';
		out[3] = n > 2 ? digits[group & 63] : '=';
		sa->len += 4;
	}
	return 1;
}

int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* One group of four characters; PAD of them, at the end, are "=". */
static int
decode_group(char const *s, size_t pad, char out[3])
{
	uint32_t group = 0;
	for (size_t k = 0; k < 4; k++) {
		int v = k < 4 - pad ? base64_digit(s[k]) : 0;
		if (v < 0)
			return 0;
		group = group << 6 | (uint32_t)v;
	}
	if ((pad == 1 && group & 0xff) || (pad == 2 && group & 0xffff))
		return 0;
	out[0] = (char)(group >> 16);
	out[1] = (char)(group >> 8);
	out[2] = (char)group;
	return 1;
}

int
base64_decode(char const *s, size_t len, stralloc *sa)
{
	size_t start = sa->len;
	if (len % 4)
		return 0;
	if (!stralloc_readyplus(sa, len / 4 * 3 + 1))
		return -1;
	for (size_t i = 0; i < len; i += 4) {
		size_t pad = 0;
		if (i + 4 == len && s[i + 3] == '=')
			pad = s[i + 2] == '=' ? 2 : 1;
		char out[3];
		if (!decode_group(s + i, pad, out)) {
			sa->len = start;
			return 0;
		}
		memcpy(sa->s + sa->len, out, 3 - pad);
		sa->len += 3 - pad;
	}
	return 1;
}
