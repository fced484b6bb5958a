/* SPDX-License-Identifier: ISC */
/* A piece of text by pointer and length, and the small steps over it. */
#ifndef BESACE_SPAN_H
#define BESACE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <skalibs/stralloc.h>

struct span {
	char const *s;
	size_t len;
};

/* What SA holds; never with a NULL pointer. */
static inline struct span
span_of(stralloc const *sa)
{
	return (struct span){ sa->s ? sa->s : "", sa->len };
}

static inline bool
span_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool
span_is(struct span a, char const *text)
{
	return strlen(text) == a.len && memcmp(a.s, text, a.len) == 0;
}

static inline bool
span_is_case(struct span a, char const *text)
{
	return strlen(text) == a.len && strncasecmp(a.s, text, a.len) == 0;
}

static inline bool
span_starts(struct span a, char const *text)
{
	size_t n = strlen(text);
	return a.len >= n && memcmp(a.s, text, n) == 0;
}

static inline struct span
span_trim(struct span a)
{
	while (a.len && span_is_space(*a.s)) {
		a.s++;
		a.len--;
	}
	while (a.len && span_is_space(a.s[a.len - 1]))
		a.len--;
	return a;
}

static inline struct span
span_from(struct span a, size_t n)
{
	/* not even 0 may be added to NULL */
	return n ? (struct span){ a.s + n, a.len - n } : a;
}

/* Takes the first word, up to white space, off A, and the space behind it. */
static inline struct span
span_word(struct span *a)
{
	*a = span_trim(*a);
	size_t n = 0;
	while (n < a->len && !span_is_space(a->s[n]))
		n++;
	struct span word = { a->s, n };
	*a = span_trim(span_from(*a, n));
	return word;
}

#endif
