/* SPDX-License-Identifier: ISC */
/* Aliases that lead only to each other. */
#include "check.h"

#include <string.h>

#include "address.h"

enum { ALIASES_MAX = 64 };

struct circle {
	struct tables const *t;
	struct record const *alias[ALIASES_MAX];
	size_t count;
};

/* Remembers the alias of this name. False: there is none, or no room. */
static bool
add(struct circle *c, char const *key, size_t len)
{
	struct record const *r =
	    table_find(&c->t->table[TABLE_ALIASES], key, len);
	for (size_t i = 0; r && i < c->count; i++)
		if (c->alias[i] == r)
			return true;
	if (!r || c->count == ALIASES_MAX ||
	    table_find(&c->t->table[TABLE_MAILBOXES], key, len))
		return false;
	c->alias[c->count++] = r;
	return true;
}

static bool
add_target(struct circle *c, struct bytes target)
{
	stralloc key = STRALLOC_ZERO;
	struct address a;
	bool added = address_parse(target.s, target.len, &a) &&
	    address_key(&a, &key) && add(c, key.s, key.len);
	stralloc_free(&key);
	return added;
}

bool
check_alias_is_circle(struct tables const *t, struct record const *r)
{
	struct table const *table = &t->table[TABLE_ALIASES];
	struct circle c = { .t = t };
	if (!add(&c, table_key(table, r), r->key_len))
		return false;
	for (size_t i = 0; i < c.count; i++) {
		struct bytes value = { table_value(table, c.alias[i]),
			c.alias[i]->value_len };
		struct bytes targets = bytes_take_until(&value, '\t');
		while (targets.len)
			if (!add_target(&c, bytes_take_until(&targets, '\n')))
				return false;
	}
	return true;
}
