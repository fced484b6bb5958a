/* SPDX-License-Identifier: ISC */
/* A piece of somebody else's memory. */
#ifndef BESACE_BYTES_H
#define BESACE_BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
	char const *s; /* never NULL, as memchr and friends want it */
	size_t len;
};

/* Of a C string. */
struct bytes bytes_of(char const *text);

/* Whether they are this text. */
bool bytes_are(struct bytes b, char const *text);

/* The order of two struct bytes as octets, for qsort and bsearch. */
int bytes_compare(void const *a, void const *b);

/* What stands before the first C, or all; *REST is moved behind it. */
struct bytes bytes_take_until(struct bytes *rest, char c);

#endif
