/* SPDX-License-Identifier: ISC */
#include "transport.h"

#include <string.h>

static char const error[] = "error:";

/* 1*3digit */
static size_t
number(char const *s, size_t len)
{
	size_t n = 0;
	while (n < len && n < 3 && s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

/* RFC 3463: "5." subject "." detail. Its length, 0 when it is none. */
static size_t
status_code(char const *s, size_t len)
{
	size_t i = 1;
	if (!len || *s != '5')
		return 0;
	for (unsigned int part = 0; part < 2; part++) {
		size_t n =
		    i < len && s[i] == '.' ? number(s + i + 1, len - i - 1) : 0;
		if (!n)
			return 0;
		i += n + 1;
	}
	return i;
}

bool
transport_valid(char const *s, size_t len)
{
	size_t start = sizeof error - 1;
	if (len == 4 && memcmp(s, "smtp", 4) == 0)
		return true;
	if (len <= start || memcmp(s, error, start) != 0)
		return false;
	size_t n = status_code(s + start, len - start);
	return n && start + n + 1 < len && s[start + n] == ' ';
}

char const *
transport_refusal(char const *transport)
{
	size_t n = sizeof error - 1;
	return strncmp(transport, error, n) == 0 ? transport + n : NULL;
}
