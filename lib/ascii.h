/* SPDX-License-Identifier: ISC */
/* Letters and digits as protocols mean them, whatever the locale says. */
#ifndef BESACE_ASCII_H
#define BESACE_ASCII_H

#include <stdbool.h>

static inline bool
ascii_is_alnum(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

#endif
