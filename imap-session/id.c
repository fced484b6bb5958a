/* SPDX-License-Identifier: ISC */
#include "id.h"

enum { ID_PAIRS_MAX = 30, ID_VALUE_MAX = 1024 };

/* string SP nstring *(SP string SP nstring) */
static bool
pairs(struct cursor *c, stralloc *name)
{
	stralloc key = STRALLOC_ZERO;
	stralloc value = STRALLOC_ZERO;
	bool nil;
	bool ok = true;
	for (int i = 0; ok; i++) {
		ok = i < ID_PAIRS_MAX && cursor_string(c, &key) &&
		    cursor_space(c) && cursor_nstring(c, &value, &nil) &&
		    value.len <= ID_VALUE_MAX;
		if (ok && imap_equal(key.s, key.len, "name"))
			ok = stralloc_copy(name, &value);
		if (!cursor_space(c))
			break;
	}
	stralloc_free(&key);
	stralloc_free(&value);
	return ok && cursor_char(c, ')');
}

/* id-params-list = "(" [pairs] ")" / nil */
bool
cursor_id(struct cursor *c, stralloc *name)
{
	name->len = 0;
	if (!cursor_word(c, "NIL")) {
		if (!cursor_char(c, '('))
			return false;
		if (!cursor_char(c, ')') && !pairs(c, name))
			return false;
	}
	return cursor_end(c) && stralloc_0(name);
}
