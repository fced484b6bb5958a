/* SPDX-License-Identifier: ISC */
#include "maildir.h"

#include <string.h>

bool
maildir_name_field(char const *base, size_t len, char field, uint64_t *value)
{
	for (size_t i = 0; i + 3 < len; i++) {
		if (base[i] != ',' || base[i + 1] != field ||
		    base[i + 2] != '=')
			continue;
		size_t k = i + 3;
		uint64_t n = 0;
		while (
		    k < len && k < i + 20 && base[k] >= '0' && base[k] <= '9')
			n = n * 10 + (uint64_t)(base[k++] - '0');
		*value = n;
		return k > i + 3 && (k == len || base[k] == ',');
	}
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Octets of the number at S, without its leading zeros, which *S goes past. */
static size_t
number_at(char const **s, char const *end)
{
	char const *p = *s;
	while (end - p > 1 && p[0] == '0' && is_digit(p[1]))
		p++;
	*s = p;
	while (p < end && is_digit(*p))
		p++;
	return (size_t)(p - *s);
}

static int
compare(ptrdiff_t a, ptrdiff_t b)
{
	return (a > b) - (a < b);
}

int
maildir_name_order(char const *a, size_t a_len, char const *b, size_t b_len)
{
	char const *a_end = a + a_len;
	char const *b_end = b + b_len;
	while (a < a_end && b < b_end) {
		size_t m = number_at(&a, a_end);
		size_t n = number_at(&b, b_end);
		int c = (unsigned char)*a - (unsigned char)*b;
		if (m && n) {
			c = m != n ? compare((ptrdiff_t)m, (ptrdiff_t)n)
			           : memcmp(a, b, m);
			a += m;
			b += n;
		} else {
			a++;
			b++;
		}
		if (c)
			return c;
	}
	return compare(a_end - a, b_end - b);
}
