/* SPDX-License-Identifier: ISC */
#include "command-list.h"

#include <stdlib.h>
#include <string.h>

/* Cuts the word at *P off: *P moves behind it. NULL when a quote stays open. */
static char *
cut_word(char **p)
{
	char *in = *p;
	char *out = *p;
	char *word = *p;
	int quoted = 0;
	for (; *in && (quoted || !strchr(" \t|", *in)); in++) {
		if (*in == '"')
			quoted = !quoted;
		else
			*out++ = *in;
	}
	if (quoted)
		return NULL;
	*p = in;
	/* the octet that ends the word is looked at by the caller first */
	if (out < in)
		*out = 0;
	return word;
}

static char *
skip_blanks(char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* One command up to "|" or the end; *P moves to what ended it. */
static int
cut_command(char **p, char *argv[COMMAND_WORDS_MAX + 1])
{
	size_t words = 0;
	for (*p = skip_blanks(*p); **p && **p != '|'; *p = skip_blanks(*p)) {
		if (words == COMMAND_WORDS_MAX)
			return 0;
		argv[words] = cut_word(p);
		if (!argv[words++])
			return 0;
		if (**p == ' ' || **p == '\t')
			*(*p)++ = 0;
		else if (**p == '|')
			break;
	}
	argv[words] = NULL;
	return words > 0;
}

int
command_list_parse(char const *text, struct command_list *list)
{
	list->count = 0;
	list->text = strdup(text);
	if (!list->text)
		return -1;
	char *p = skip_blanks(list->text);
	while (*p) {
		if (list->count == COMMAND_LIST_MAX ||
		    !cut_command(&p, list->argv[list->count])) {
			command_list_free(list);
			return 0;
		}
		list->count++;
		if (*p != '|')
			break;
		*p++ = 0;
		if (!*skip_blanks(p)) {
			command_list_free(list);
			return 0;
		}
	}
	return 1;
}

void
command_list_free(struct command_list *list)
{
	free(list->text);
	list->text = NULL;
	list->count = 0;
}
