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
