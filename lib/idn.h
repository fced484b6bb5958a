/* SPDX-License-Identifier: ISC */
/* Internationalized names: IDNA2008 (RFC 5891) for domains, with the mappings
 * of UTS 46 (letter case, width, NFC; not the transitional ones). */
#ifndef BESACE_IDN_H
#define BESACE_IDN_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

/* Whether a domain name must go through idn_to_ascii to be compared. */
bool idn_is_special(char const *domain, size_t len);

/* Writes the domain's one name in the DNS, with A-labels, to OUT, at most MAX
 * octets. Labels in ASCII stay as they are (lower case is the caller's); one
 * that starts with "xn--" must be Punycode of something that is not ASCII. Its
 * length; 0 when a label is invalid or the name too long. Pure. */
size_t idn_to_ascii(char const *domain, size_t len, char *out, size_t max);

/* Appends UTF-8 text in lower case and NFC: what spellings that look alike are
 * compared by. 1, or 0 with errno. */
int idn_fold_text(stralloc *sa, char const *s, size_t len);

#endif
