/* SPDX-License-Identifier: ISC */
/* Finding US-ASCII text in bytes as they stand, without regard to letter case,
 * at the speed of memchr. Pure. */
#ifndef IMAP_NEEDLE_H
#define IMAP_NEEDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

enum { NEEDLE_RAW_MAX = 64 /* octets: bounds the work for one place */ };

/* Whether it can be looked for so: US-ASCII, and not long. */
bool needle_is_raw(stralloc const *needle);

/* Whether it stands in S. It is in the form of text_casemap, not empty. */
bool needle_in_raw(stralloc const *needle, char const *s, size_t len);

#endif
