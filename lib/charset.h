/* SPDX-License-Identifier: ISC */
/* Character sets of mail to UTF-8. */
#ifndef BESACE_CHARSET_H
#define BESACE_CHARSET_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Appends the UTF-8 of text in a set; what is no character of it becomes
 * U+FFFD. 1; 0 when the set is unknown, and nothing is appended; -1 out of
 * memory. US-ASCII, UTF-8 and ISO-8859-1 are unknown here: mail that claims them
 * is often in another set, and what to make of that is the caller's to say. */
int charset_to_utf8(char const *name, size_t name_len, char const *s,
    size_t len, stralloc *out);

#endif
