/* SPDX-License-Identifier: ISC */
/* Times as RFC 3339 writes them in UTC, "2026-11-21T14:04:38Z": no time zone
 * file is read for them. Pure. */
#ifndef BESACE_UTC_H
#define BESACE_UTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTC_MAX = 32 };

/* SECONDS since 1970; what lies outside the years 1970 to 9999 is written as
 * the nearest in them. */
void utc_format(int64_t seconds, char out[UTC_MAX]);

/* All of S. False when it is none, or lies outside these years. */
bool utc_parse(char const *s, size_t len, int64_t *seconds);

#endif
