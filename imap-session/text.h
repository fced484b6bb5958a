/* SPDX-License-Identifier: ISC */
/* Text of messages made comparable: encoded words and character sets undone,
 * letter case made one. What cannot be decoded is taken as it stands.
 * All that return int: 1, or 0 out of memory. */
#ifndef IMAP_TEXT_H
#define IMAP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

/* Appends the UTF-8 of bytes in a character set. An unknown one: what is valid
 * UTF-8 stays, other 8-bit octets are taken for ISO-8859-1. */
int text_to_utf8(char const *charset, size_t charset_len, char const *s,
    size_t len, stralloc *out);

/* Appends the text of a header field's value: RFC 2047 words decoded, folds and
 * white space at the ends gone, any other one space. */
int text_of_header(char const *s, size_t len, stralloc *out);

bool text_is_ascii(char const *s, size_t len);

/* Appends UTF-8 as i;unicode-casemap compares it (RFC 5051): titlecase, and all
 * decompositions. What is not UTF-8 stays. */
int text_casemap(char const *s, size_t len, stralloc *out);

#endif
