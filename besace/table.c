/* SPDX-License-Identifier: ISC */
#include "table.h"

#include <stdlib.h>
#include <string.h>

int
table_add(struct table *t, stralloc const *key, stralloc const *value,
    unsigned int line)
{
	struct record r = { .key = t->bytes.len,
		.key_len = key->len,
		.value = t->bytes.len + key->len,
		.value_len = value->len,
		.line = line };
	return stralloc_catb(&t->bytes, key->s ? key->s : "", key->len) &&
	    stralloc_catb(&t->bytes, value->s ? value->s : "", value->len) &&
	    genalloc_append(struct record, &t->records, &r);
}

size_t
table_count(struct table const *t)
{
	return genalloc_len(struct record, &t->records);
}

struct record *
table_at(struct table const *t, size_t i)
{
	return genalloc_s(struct record, &t->records) + i;
}

char const *
table_key(struct table const *t, struct record const *r)
{
	return t->bytes.s + r->key;
}

char const *
table_value(struct table const *t, struct record const *r)
{
	return t->bytes.s + r->value;
}

static int
compare_keys(char const *a, size_t a_len, char const *b, size_t b_len)
{
	int r = memcmp(a, b, a_len < b_len ? a_len : b_len);
	return r ? r : (a_len > b_len) - (a_len < b_len);
}

static int
compare_records(void const *one, void const *two, void *arg)
{
	struct record const *a = one, *b = two;
	struct table const *t = arg;
	int r = compare_keys(table_key(t, a), a->key_len, table_key(t, b),
	    b->key_len);
	return r ? r : (a->line > b->line) - (a->line < b->line);
}

void
table_sort(struct table *t)
{
	if (table_count(t) > 1)
		qsort_r(table_at(t, 0), table_count(t), sizeof(struct record),
		    compare_records, t);
}

bool
table_same_key(struct table const *t, struct record const *a,
    struct record const *b)
{
	return compare_keys(table_key(t, a), a->key_len, table_key(t, b),
	           b->key_len) == 0;
}

bool
table_same_value(struct table const *t, struct record const *a,
    struct record const *b)
{
	return compare_keys(table_value(t, a), a->value_len, table_value(t, b),
	           b->value_len) == 0;
}

struct record const *
table_find(struct table const *t, char const *key, size_t len)
{
	size_t low = 0, high = table_count(t);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct record const *r = table_at(t, middle);
		if (compare_keys(table_key(t, r), r->key_len, key, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == table_count(t))
		return NULL;
	struct record const *r = table_at(t, low);
	bool same = compare_keys(table_key(t, r), r->key_len, key, len) == 0;
	return same ? r : NULL;
}

void
table_free(struct table *t)
{
	stralloc_free(&t->bytes);
	genalloc_free(struct record, &t->records);
}
