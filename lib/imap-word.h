/* SPDX-License-Identifier: ISC */
/* Words of IMAP's grammar (RFC 3501 section 9). Pure. */
#ifndef BESACE_IMAP_WORD_H
#define BESACE_IMAP_WORD_H

#include <stdbool.h>
#include <stddef.h>

/* ATOM-CHAR = any CHAR except atom-specials. */
bool imap_is_atom_char(unsigned char c);
/* Letter case of ASCII does not matter. */
bool imap_equal(char const *s, size_t len, char const *word);
bool imap_equal_n(char const *a, char const *b, size_t len);

#endif
