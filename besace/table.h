/* SPDX-License-Identifier: ISC */
/* The entries of one text file, in memory. */
#ifndef BESACE_TABLE_H
#define BESACE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

struct record {
	size_t key; /* where it starts in the table's bytes */
	size_t key_len;
	size_t value;
	size_t value_len;
	unsigned int line;
	bool repeated; /* says the same as an earlier line */
};

struct table {
	stralloc bytes;
	genalloc records; /* struct record */
};

#define TABLE_ZERO \
	{ \
		STRALLOC_ZERO, GENALLOC_ZERO \
	}

/* 1, or 0 with errno. */
int table_add(struct table *t, stralloc const *key, stralloc const *value,
    unsigned int line);

/* Brings the records in the order of their keys, then lines. */
void table_sort(struct table *t);

size_t table_count(struct table const *t);
struct record *table_at(struct table const *t, size_t i);
char const *table_key(struct table const *t, struct record const *r);
char const *table_value(struct table const *t, struct record const *r);
bool table_same_key(struct table const *t, struct record const *a,
    struct record const *b);
bool table_same_value(struct table const *t, struct record const *a,
    struct record const *b);

/* The first record of this key in a sorted table, or NULL. */
struct record const *table_find(struct table const *t, char const *key,
    size_t len);

void table_free(struct table *t);

#endif
