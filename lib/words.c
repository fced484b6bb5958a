/* SPDX-License-Identifier: ISC */
#include "words.h"

#include <string.h>
#include <strings.h>

static bool
separates(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '\n' || c == '\r';
}

struct word
words_next(struct word *rest)
{
	while (rest->len && separates(*rest->s)) {
		rest->s++;
		rest->len--;
	}
	struct word word = { rest->s, 0 };
	while (rest->len && !separates(*rest->s)) {
		rest->s++;
		rest->len--;
		word.len++;
	}
	return word;
}

bool
words_have(char const *list, char const *word)
{
	struct word rest = { list, strlen(list) }, w;
	size_t len = strlen(word);
	while ((w = words_next(&rest)).len)
		if (w.len == len && strncasecmp(w.s, word, len) == 0)
			return true;
	return false;
}
