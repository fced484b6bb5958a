/* SPDX-License-Identifier: ISC */
/* Changes of the text files by program: comments, order and all other lines
 * stay as they are. */
#ifndef BESACE_EDIT_H
#define BESACE_EDIT_H

#include <stdbool.h>
#include <skalibs/stralloc.h>
#include "tables.h"

/* The text files as they are, and as they shall be. */
struct edit {
	struct {
		stralloc before;
		stralloc after;
		bool existed;
		bool changed;
	} file[TABLES];
};

/* Reads the text files. 1; 0, and said on stderr. */
int edit_begin(struct edit *e);

/* Adds a line at the end. 1, or 0 with errno. */
int edit_append(struct edit *e, enum table_id id, char const *line);

/* Takes out every entry of KEY. 1, or 0 with errno. */
int edit_remove(struct edit *e, enum table_id id, char const *key);

/* Puts LINE in the place of the first entry of KEY that SELECT takes (its
 * value as the map has it, and ARG); NULL for nothing in its place. 1; 2 when
 * there was none; 0 with errno. */
typedef bool edit_select(char const *value, size_t len, char const *arg);
int edit_replace(struct edit *e, enum table_id id, char const *key,
    edit_select *select, char const *arg, char const *line);

/* Takes VALUE out of the lists of all entries (senders: the logins); an entry
 * that has no other goes. 1, or 0 with errno. */
int edit_remove_value(struct edit *e, enum table_id id, char const *value);

/* Writes what has changed and makes the maps; when that fails, puts the text
 * back. An exit code. The caller holds maps_lock. */
int edit_commit(struct edit *e);

#endif
