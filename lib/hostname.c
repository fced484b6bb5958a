/* SPDX-License-Identifier: ISC */
#include "hostname.h"

#include <string.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* *NUMBER: it has digits only. */
static bool
label_valid(char const *s, size_t len, bool *number)
{
	*number = true;
	if (!len || len > HOSTNAME_LABEL_MAX || s[0] == '-' ||
	    s[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (is_digit(s[i]))
			continue;
		*number = false;
		if (!is_letter(s[i]) && s[i] != '-' && s[i] != '_')
			return false;
	}
	return true;
}

static size_t
without_dot(char const *s, size_t len)
{
	return len && s[len - 1] == '.' ? len - 1 : len;
}

bool
hostname_valid(char const *s, size_t len)
{
	bool number = true;
	len = without_dot(s, len);
	if (!len || len > HOSTNAME_MAX)
		return false;
	for (size_t start = 0; start <= len;) {
		char const *dot = memchr(s + start, '.', len - start);
		size_t end = dot ? (size_t)(dot - s) : len;
		if (!label_valid(s + start, end - start, &number))
			return false;
		start = end + 1;
	}
	return !number;
}

bool
hostname_complete(char const *s, size_t len)
{
	return memchr(s, '.', without_dot(s, len)) != NULL;
}
