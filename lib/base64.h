/* SPDX-License-Identifier: ISC */
/* Base64 as in RFC 4648 section 4, without line breaks. */
#ifndef BESACE_BASE64_H
#define BESACE_BASE64_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Appends the text of these bytes. 1, or 0 with errno. */
int base64_encode(char const *s, size_t len, stralloc *sa);

/* The value of a digit, -1 for what is none. */
int base64_digit(char c);

/* Appends the bytes of this text, which must be whole: groups of four, "=" at
 * the end only, no other characters, unused bits zero. 1; 0 when it is not
 * base64 (SA as it was); -1 out of memory. */
int base64_decode(char const *s, size_t len, stralloc *sa);

#endif
