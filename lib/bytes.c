/* SPDX-License-Identifier: ISC */
#include "bytes.h"

#include <string.h>

struct bytes
bytes_of(char const *text)
{
	return (struct bytes){ text, strlen(text) };
}

bool
bytes_are(struct bytes b, char const *text)
{
	return b.len == strlen(text) && memcmp(b.s, text, b.len) == 0;
}

int
bytes_compare(void const *a, void const *b)
{
	struct bytes const *x = a, *y = b;
	int r = memcmp(x->s, y->s, x->len < y->len ? x->len : y->len);
	return r ? r : (x->len > y->len) - (x->len < y->len);
}

struct bytes
bytes_take_until(struct bytes *rest, char c)
{
	char const *end = memchr(rest->s, c, rest->len);
	struct bytes part = *rest;
	if (end)
		part.len = (size_t)(end - part.s);
	size_t used = part.len + (end != NULL);
	rest->s += used;
	rest->len -= used;
	return part;
}
