/* SPDX-License-Identifier: ISC */
/* Host names as RFC 1123 section 2.1 has them. Pure. */
#ifndef BESACE_HOSTNAME_H
#define BESACE_HOSTNAME_H

#include <stdbool.h>
#include <stddef.h>

enum { HOSTNAME_MAX = 253, HOSTNAME_LABEL_MAX = 63 };

/* Labels of letters, digits, "-" inside and, seen in life, "_"; the last one
 * not of digits only, or it were an address. One "." at the end is forgiven. */
bool hostname_valid(char const *s, size_t len);

/* Whether a valid name has more than one label. */
bool hostname_complete(char const *s, size_t len);

#endif
