/* SPDX-License-Identifier: ISC */
/* When something ends, as text files have it: "2027-02-19", the day's start, or
 * "2027-02-19T14:03Z", both UTC. Pure. */
#ifndef BESACE_EXPIRY_H
#define BESACE_EXPIRY_H

#include <stddef.h>
#include <stdint.h>

enum { EXPIRY_MAX = sizeof "2027-02-19T14:03Z" };

/* 1 and *WHEN, seconds since 1970; 0 when it is no such date. */
int expiry_parse(char const *s, size_t len, int64_t *when);

/* WHEN in the longer form; "" when it has none. */
void expiry_format(int64_t when, char text[EXPIRY_MAX]);

#endif
