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
	/* one more than the value; 0: none */
	static unsigned char const values[256] = {
		['A'] = 1,
		['B'] = 2,
		['C'] = 3,
		['D'] = 4,
		['E'] = 5,
		['F'] = 6,
		['G'] = 7,
		['H'] = 8,
		['I'] = 9,
		['J'] = 10,
		['K'] = 11,
		['L'] = 12,
		['M'] = 13,
		['N'] = 14,
		['O'] = 15,
		['P'] = 16,
		['Q'] = 17,
		['R'] = 18,
		['S'] = 19,
		['T'] = 20,
		['U'] = 21,
		['V'] = 22,
		['W'] = 23,
		['X'] = 24,
		['Y'] = 25,
		['Z'] = 26,
		['a'] = 27,
		['b'] = 28,
		['c'] = 29,
		['d'] = 30,
		['e'] = 31,
		['f'] = 32,
		['g'] = 33,
		['h'] = 34,
		['i'] = 35,
		['j'] = 36,
		['k'] = 37,
		['l'] = 38,
		['m'] = 39,
		['n'] = 40,
		['o'] = 41,
		['p'] = 42,
		['q'] = 43,
		['r'] = 44,
		['s'] = 45,
		['t'] = 46,
		['u'] = 47,
		['v'] = 48,
		['w'] = 49,
		['x'] = 50,
		['y'] = 51,
		['z'] = 52,
		['0'] = 53,
		['1'] = 54,
		['2'] = 55,
		['3'] = 56,
		['4'] = 57,
		['5'] = 58,
		['6'] = 59,
		['7'] = 60,
		['8'] = 61,
		['9'] = 62,
		['+'] = 63,
		['/'] = 64,
	};
	return values[(unsigned char)c] - 1;
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
