/* SPDX-License-Identifier: ISC */
#include "text.h"

#include <stdbool.h>
#include <string.h>

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

size_t
text_space(char const *s, size_t len)
{
	size_t n = 0;
	while (n < len && is_space(s[n]))
		n++;
	return n;
}

size_t
text_word(char const *s, size_t len)
{
	bool quoted = false;
	size_t n = 0;
	for (; n < len && (quoted || !is_space(s[n])); n++) {
		if (s[n] == '"')
			quoted = !quoted;
		else if (s[n] == '\\' && quoted && n + 1 < len)
			n++;
	}
	return n;
}

/* One line of the file, without its LF. */
static bool
next_line(struct text *t, char const **s, size_t *len)
{
	if (t->pos >= t->len)
		return false;
	*s = t->s + t->pos;
	char const *lf = memchr(*s, '\n', t->len - t->pos);
	*len = lf ? (size_t)(lf - *s) : t->len - t->pos;
	t->pos += *len + (lf != NULL);
	t->line++;
	return true;
}

/* What of a line counts: no white space at its ends, no comment. */
static void
trim(enum text_style style, char const **s, size_t *len)
{
	char const *hash = style == TEXT_CUT ? memchr(*s, '#', *len) : NULL;
	if (hash)
		*len = (size_t)(hash - *s);
	size_t n = text_space(*s, *len);
	*s += n;
	*len -= n;
	while (*len && is_space((*s)[*len - 1]))
		--*len;
	if (*len && **s == '#')
		*len = 0;
}

static int
append_line(stralloc *entry, char const *s, size_t len)
{
	return (!entry->len || !len || stralloc_append(entry, ' ')) &&
	    stralloc_catb(entry, s, len);
}

/* Moves *T before the line that goes on with the entry, when there is one:
 * comments and empty lines do not end an entry. */
static bool
skip_to_continuation(struct text *t)
{
	struct text ahead = *t;
	for (;;) {
		struct text before = ahead;
		char const *s;
		size_t len;
		if (!next_line(&ahead, &s, &len))
			return false;
		bool indented = len && is_space(*s);
		trim(TEXT_LOGICAL, &s, &len);
		if (len == 0)
			continue;
		if (indented) {
			before.start = t->start;
			*t = before;
		}
		return indented;
	}
}

int
text_next(struct text *t, enum text_style style, stralloc *entry,
    unsigned int *number)
{
	char const *s;
	size_t len = 0;
	entry->len = 0;
	while (len == 0) {
		t->start = t->pos;
		if (!next_line(t, &s, &len))
			return 0;
		trim(style, &s, &len);
	}
	*number = t->line;
	if (!append_line(entry, s, len))
		return -1;
	while (style == TEXT_LOGICAL && skip_to_continuation(t)) {
		next_line(t, &s, &len);
		trim(style, &s, &len);
		if (!append_line(entry, s, len))
			return -1;
	}
	return 1;
}
