/* SPDX-License-Identifier: ISC */
/* Hexadecimal digits. */
#ifndef BESACE_HEX_H
#define BESACE_HEX_H

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

#endif
