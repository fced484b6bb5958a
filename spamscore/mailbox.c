/* SPDX-License-Identifier: ISC */
#include "mailbox.h"

/* Appends a quoted string or a comment without its delimiters and backslashes;
 * comments nest. Returns its length in S, 0 with errno. */
static size_t
take_quoted(struct span s, char open, char close, stralloc *out)
{
	size_t depth = 1;
	size_t i = 1;
	for (; i < s.len && depth; i++) {
		char c = s.s[i];
		if (c == '\\' && i + 1 < s.len)
			c = s.s[++i];
		else if (c == close)
			depth--;
		else if (c == open)
			depth++;
		if (depth && !stralloc_append(out, c))
			return 0;
	}
	return i;
}

/* White space around words is one space between them. */
static void
tidy(stralloc *sa)
{
	size_t n = 0;
	for (size_t i = 0; i < sa->len; i++) {
		bool space = span_is_space(sa->s[i]);
		if (space && (!n || sa->s[n - 1] == ' '))
			continue;
		sa->s[n++] = space ? ' ' : sa->s[i];
	}
	sa->len = n && sa->s[n - 1] == ' ' ? n - 1 : n;
}

static void
strip_spaces(stralloc *sa)
{
	size_t n = 0;
	for (size_t i = 0; i < sa->len; i++)
		if (!span_is_space(sa->s[i]))
			sa->s[n++] = sa->s[i];
	sa->len = n;
}

/* One mailbox is read into words, an address in angle brackets if there is one,
 * and comments. A word list without brackets is the address. */
struct reading {
	stralloc *words;
	stralloc *address;
	stralloc comment;
	bool angle;
};

/* Takes one element; returns its length, 0 with errno. */
static size_t
take_element(struct span s, struct reading *r)
{
	if (*s.s == '"')
		return take_quoted(s, 0, '"', r->words);
	if (*s.s == '(')
		return take_quoted(s, '(', ')', &r->comment);
	if (*s.s == '<') {
		char const *end = memchr(s.s, '>', s.len);
		size_t n = end ? (size_t)(end - s.s) : s.len;
		r->angle = true;
		if (!stralloc_copyb(r->address, s.s + 1, n - 1))
			return 0;
		return n + (end != NULL);
	}
	if (*s.s == ':' && !r->angle)
		r->words->len = 0; /* it was a group's name */
	else if (!stralloc_append(r->words, *s.s))
		return 0;
	return 1;
}

int
mailbox_next(struct span *list, stralloc *address, stralloc *phrase)
{
	struct reading r = { phrase, address, STRALLOC_ZERO, false };
	*list = span_trim(*list);
	address->len = phrase->len = 0;
	if (!list->len)
		return 0;
	while (list->len && *list->s != ',' && *list->s != ';') {
		size_t n = take_element(*list, &r);
		if (!n) {
			stralloc_free(&r.comment);
			return -1;
		}
		*list = span_from(*list, n);
	}
	if (list->len)
		*list = span_from(*list, 1);
	int ok = 1;
	if (!r.angle) {
		ok = stralloc_copy(address, phrase) &&
		    stralloc_copy(phrase, &r.comment);
	} else if (!phrase->len) {
		ok = stralloc_copy(phrase, &r.comment);
	}
	stralloc_free(&r.comment);
	strip_spaces(address);
	tidy(phrase);
	return ok ? 1 : -1;
}
