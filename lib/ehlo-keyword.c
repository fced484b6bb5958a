/* SPDX-License-Identifier: ISC */
#include "ehlo-keyword.h"

#include <string.h>
#include <strings.h>

#include "words.h"

static char const *const names[EHLO_KEYWORDS] = {
	[EHLO_8BITMIME] = "8BITMIME",
	[EHLO_AUTH] = "AUTH",
	[EHLO_CHUNKING] = "CHUNKING",
	[EHLO_DSN] = "DSN",
	[EHLO_PIPELINING] = "PIPELINING",
	[EHLO_REQUIRETLS] = "REQUIRETLS",
	[EHLO_SIZE] = "SIZE",
	[EHLO_SMTPUTF8] = "SMTPUTF8",
	[EHLO_STARTTLS] = "STARTTLS",
};

int
ehlo_keyword_find(struct bytes name)
{
	for (int k = 0; k < EHLO_KEYWORDS; k++)
		if (strlen(names[k]) == name.len &&
		    strncasecmp(names[k], name.s, name.len) == 0)
			return k;
	return -1;
}

char const *
ehlo_keyword_name(int keyword)
{
	return names[keyword];
}

bool
ehlo_keywords_known(char const *list, size_t len)
{
	struct word rest = { list, len }, word;
	while ((word = words_next(&rest)).len)
		if (ehlo_keyword_find((struct bytes){ word.s, word.len }) < 0)
			return false;
	return true;
}
