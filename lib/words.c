/* SPDX-License-Identifier: ISC */
#include "words.h"

#include <stdbool.h>

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
