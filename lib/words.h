/* SPDX-License-Identifier: ISC */
/* Lists in settings: words between blanks and commas. Pure. */
#ifndef BESACE_WORDS_H
#define BESACE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct word {
	char const *s;
	size_t len;
};

/* Takes the next word off *REST. Its length is 0 when there is none. */
struct word words_next(struct word *rest);

/* Whether WORD, in any letter case, is in LIST. */
bool words_have(char const *list, char const *word);

#endif
