/* SPDX-License-Identifier: ISC */
#include "maildir.h"

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
