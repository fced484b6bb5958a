/* SPDX-License-Identifier: ISC */
/* Encoded words and character sets, read leniently: what a mail program would
 * show, not what the standards allow. All append to OUT;
 * 1, or 0 with errno. Pure. */
#ifndef SPAMSCORE_DECODE_H
#define SPAMSCORE_DECODE_H

#include <skalibs/stralloc.h>
#include "span.h"

/* LF line ends. */
int decode_lines(struct span in, stralloc *out);

/* To UTF-8. windows-1252 stands in for ISO-8859-1, and for text that claims to
 * be ASCII or UTF-8, or nothing, and is not. Text in an unknown set stays as it
 * is. */
int decode_charset(struct span in, struct span charset, stralloc *out);

/* RFC 2047: a header value with its encoded words as UTF-8. */
int decode_words(struct span in, stralloc *out);

#endif
