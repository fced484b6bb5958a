/* SPDX-License-Identifier: ISC */
#include "sasl-set.h"

#include <string.h>
#include <strings.h>

static char const *const names[SASL_MECHANISMS] = {
	[SASL_PLAIN] = "PLAIN",
	[SASL_LOGIN] = "LOGIN",
	[SASL_CRAM_MD5] = "CRAM-MD5",
	[SASL_SCRAM_SHA_256] = "SCRAM-SHA-256",
	[SASL_SCRAM_SHA_256_PLUS] = "SCRAM-SHA-256-PLUS",
};

int
sasl_find(char const *name, size_t len)
{
	for (int m = 0; m < SASL_MECHANISMS; m++)
		if (strlen(names[m]) == len &&
		    strncasecmp(names[m], name, len) == 0)
			return m;
	return -1;
}

char const *
sasl_name(enum sasl_mechanism m)
{
	return names[m];
}

static bool
separates(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

int
sasl_parse_set(char const *text, size_t len, sasl_set *set)
{
	*set = 0;
	for (size_t i = 0, start; i < len;) {
		while (i < len && separates(text[i]))
			i++;
		start = i;
		while (i < len && !separates(text[i]))
			i++;
		int m = sasl_find(text + start, i - start);
		if (m < 0 && i > start)
			return 0;
		if (m >= 0)
			*set |= (sasl_set)1 << m;
	}
	return 1;
}

int
sasl_format_set(sasl_set set, char const *before, stralloc *sa)
{
	for (int m = 0; m < SASL_MECHANISMS; m++)
		if (set >> m & 1 &&
		    (!stralloc_cats(sa, before) ||
		        !stralloc_cats(sa, names[m])))
			return 0;
	return 1;
}

sasl_set
sasl_offer(sasl_set wanted, sasl_set possible, bool plaintext, bool binding)
{
	sasl_set set = SASL_PLAINTEXT | possible;
	if (possible >> SASL_SCRAM_SHA_256 & 1)
		set |= SASL_SCRAM;
	if (!plaintext)
		set &= ~(sasl_set)SASL_PLAINTEXT;
	if (!binding)
		set &= ~((sasl_set)1 << SASL_SCRAM_SHA_256_PLUS);
	return set & wanted;
}
