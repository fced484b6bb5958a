/* SPDX-License-Identifier: ISC */
#include "tls-level.h"

#include <string.h>

static char const *const names[TLS_LEVELS] = { "none", "may", "encrypt",
	"dane-only", "verify" };

int
tls_level_find(char const *name)
{
	for (int i = 0; i < TLS_LEVELS; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

char const *
tls_level_name(enum tls_level level)
{
	return names[level];
}
