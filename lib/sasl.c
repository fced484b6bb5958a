/* SPDX-License-Identifier: ISC */
#include "sasl.h"

#include <string.h>
#include <strings.h>

int
sasl_plain(char const *s, size_t len, struct channel_field *login,
    struct channel_field *password)
{
	char const *end = s + len;
	char const *first = len ? memchr(s, 0, len) : NULL;
	char const *second =
	    first ? memchr(first + 1, 0, (size_t)(end - first) - 1) : NULL;
	if (!second)
		return 0;
	size_t authzid = (size_t)(first - s);
	login->s = first + 1;
	login->len = (size_t)(second - first) - 1;
	password->s = second + 1;
	password->len = (size_t)(end - second) - 1;
	if (!login->len ||
	    (password->len && memchr(password->s, 0, password->len)))
		return 0;
	return !authzid ||
	    (authzid == login->len && strncasecmp(s, login->s, authzid) == 0);
}
