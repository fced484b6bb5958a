/* SPDX-License-Identifier: ISC */
/* Encoded words in header fields (RFC 2047), read leniently: anywhere in the
 * text, and with blanks or a stray "?" inside. Pure. */
#ifndef BESACE_ENCODED_WORD_H
#define BESACE_ENCODED_WORD_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Appends text of a character set as UTF-8. The set's name is empty for what
 * stands outside of encoded words. 1, or 0 out of memory. */
typedef int encoded_word_reader(char const *charset, size_t charset_len,
    char const *s, size_t len, stralloc *out);

/* Appends an unfolded value with its encoded words decoded. 1, or 0 out of
 * memory. */
int encoded_word_decode(char const *s, size_t len, encoded_word_reader *read,
    stralloc *out);

#endif
