/* SPDX-License-Identifier: ISC */
/* Transfer encodings, encoded words and character sets, read leniently: what a
 * mail program would show, not what the standards allow. All append to OUT;
 * 1, or 0 with errno. Pure. */
#ifndef SPAMSCORE_DECODE_H
#define SPAMSCORE_DECODE_H

#include <stdint.h>
#include <skalibs/stralloc.h>
#include "span.h"

/* RFC 2045 6.8; what is not of the alphabet is skipped. */
int decode_base64(struct span in, stralloc *out);

/* RFC 2045 6.7; with HEADER, the "Q" encoding of RFC 2047 4.2. */
int decode_quoted(struct span in, bool header, stralloc *out);

/* LF line ends. */
int decode_lines(struct span in, stralloc *out);

/* One code point as UTF-8; none for what is not one. */
int decode_point(uint32_t point, stralloc *out);

/* To UTF-8 from ISO-8859-1, -15 and windows-1252 (also when the text claims to
 * be ASCII or UTF-8 and is not). Text in another set stays as it is. */
int decode_charset(struct span in, struct span charset, stralloc *out);

/* RFC 2047: a header value with its encoded words as UTF-8. */
int decode_words(struct span in, stralloc *out);

#endif
