/* SPDX-License-Identifier: ISC */
/* Hexadecimal digits. */
#ifndef BESACE_HEX_H
#define BESACE_HEX_H

#include <stddef.h>

/* 0 to 15, -1 for what is no digit; in either letter case. */
static inline int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* LEN octets from twice as many digits. 1, or 0 when one is none. */
static inline int
hex_decode(char const *s, size_t len, unsigned char *out)
{
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(s[2 * i]), low = hex_value(s[2 * i + 1]);
		if (high < 0 || low < 0)
			return 0;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return 1;
}

#endif
