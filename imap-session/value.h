/* SPDX-License-Identifier: ISC */
/* Values as IMAP writes them (RFC 3501 section 4), appended to a string. Pure.
 * All: 1, or 0 out of memory. */
#ifndef IMAP_VALUE_H
#define IMAP_VALUE_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

/* Quoted when the bytes allow it, else a literal: no CR, LF, NUL or 8-bit octet
 * ever stands in quotes. A NUL becomes 0x80 in a literal. */
int value_string(stralloc *out, char const *s, size_t len);
/* The same, but UTF-8 may stand in quotes (RFC 6855 section 3). */
int value_utf8_string(stralloc *out, char const *s, size_t len);

int value_number(stralloc *out, uint64_t n);

#endif
