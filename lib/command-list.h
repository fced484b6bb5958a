/* SPDX-License-Identifier: ISC */
/* A setting that lists commands: words between blanks, double quotes around
 * words with blanks, "|" between commands. No shell is involved. */
#ifndef BESACE_COMMAND_LIST_H
#define BESACE_COMMAND_LIST_H

#include <stddef.h>

enum { COMMAND_LIST_MAX = 16, COMMAND_WORDS_MAX = 32 };

struct command_list {
	size_t count;
	char *argv[COMMAND_LIST_MAX][COMMAND_WORDS_MAX + 1]; /* NULL at the end */
	char *text; /* holds the words */
};

/* 1; 0 when it is malformed: an open quote, an empty command, too many.
 * -1 with errno. An empty text is an empty list. */
int command_list_parse(char const *text, struct command_list *list);

void command_list_free(struct command_list *list);

#endif
