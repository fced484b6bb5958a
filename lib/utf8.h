/* SPDX-License-Identifier: ISC */
/* UTF-8 as in RFC 3629: no surrogates, no overlong forms, nothing above
 * U+10FFFF. Pure. */
#ifndef BESACE_UTF8_H
#define BESACE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

/* Octets of the character at S, which goes into *POINT; 0 where no well-formed
 * one starts. */
size_t utf8_read(char const *s, size_t len, uint32_t *point);

/* All of it is well-formed. */
bool utf8_valid(char const *s, size_t len);

/* Appends a character; a number that is none adds nothing. 1, or 0 out of
 * memory. */
int utf8_append(stralloc *out, uint32_t point);

#endif
