/* SPDX-License-Identifier: ISC */
/* The settings: "name = value", as in Postfix's main.cf. */
#include "entry.h"

#include <string.h>

#include "settings.h"
#include "text.h"

enum { NAME_LONGEST = 63, NEAR = 4 };

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t low = a < b ? a : b;
	return low < c ? low : c;
}

/* Levenshtein's distance; names over NAME_LONGEST are not near anything. */
static size_t
distance(char const *a, size_t a_len, char const *b, size_t b_len)
{
	size_t row[NAME_LONGEST + 1];
	if (a_len > NAME_LONGEST || b_len > NAME_LONGEST)
		return NAME_LONGEST;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1,
			    diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

static char const *
nearest(char const *name, size_t len)
{
	char const *best = NULL;
	size_t least_far = NEAR;
	for (struct setting const *s = settings_table; s->name; s++) {
		size_t far = distance(name, len, s->name, strlen(s->name));
		if (far < least_far) {
			least_far = far;
			best = s->name;
		}
	}
	return best;
}

enum entry_result
entry_setting(char const *s, size_t len, struct entry *e)
{
	struct bytes whole = { s, len }, value = whole;
	struct bytes name = bytes_take_until(&value, '=');
	bool assigned = name.len < len;
	while (name.len && text_space(name.s + name.len - 1, 1))
		name.len--;
	if (!assigned || !name.len)
		return entry_wrong(e, "write \"NAME = VALUE\"", whole);
	struct setting const *setting = settings_find(name.s, name.len);
	if (!setting) {
		e->instead = nearest(name.s, name.len);
		return entry_wrong(e,
		    "is not a setting; \"besace settings\" lists them", name);
	}
	size_t skip = text_space(value.s, value.len);
	value.s += skip;
	value.len -= skip;
	char const *why;
	if (!settings_parse(setting, value.s, value.len, NULL, &why))
		return entry_wrong(e, why, whole);
	return stralloc_copyb(&e->key, name.s, name.len) &&
	        stralloc_copyb(&e->value, value.s, value.len)
	    ? ENTRY_GOOD
	    : ENTRY_MEMORY;
}
