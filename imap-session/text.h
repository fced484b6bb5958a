/* SPDX-License-Identifier: ISC */
/* Text of messages made comparable: transfer encodings and character sets
 * undone, letter case folded. What cannot be decoded is taken as it stands.
 * All that return int: 1, or 0 out of memory. */
#ifndef IMAP_TEXT_H
#define IMAP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

/* Readies the character sets of several octets a letter: they come from files
 * that are out of reach once the process is confined. */
void text_open_charsets(void);

/* Appends the UTF-8 of bytes in a character set. An unknown one: what is valid
 * UTF-8 stays, other 8-bit octets are taken for ISO-8859-1. */
int text_to_utf8(char const *charset, size_t charset_len, char const *s,
    size_t len, stralloc *out);

/* Appends the text of a header field's value: RFC 2047 words decoded, folds and
 * white space at the ends gone. */
int text_of_header(char const *s, size_t len, stralloc *out);

/* Folds letter case of UTF-8 in place of *S (Unicode's simple folding). */
int text_fold(stralloc *s);

enum transfer { TRANSFER_PLAIN, TRANSFER_QP, TRANSFER_BASE64 };

/* Undoes a transfer encoding in pieces. */
struct transfer_decoder {
	enum transfer kind;
	uint32_t bits;
	unsigned count;
	unsigned char held[3]; /* "=", "=X", "=\r" */
};

int transfer_decode(struct transfer_decoder *d, char const *s, size_t len,
    stralloc *out);

#endif
