/* SPDX-License-Identifier: ISC */
/* cdb maps: the compiled form of the tables. This module alone includes
 * tinycdb's header, whose names clash with skalibs'. */
#ifndef BESACE_MAP_H
#define BESACE_MAP_H

#include <stddef.h>
#include <skalibs/stralloc.h>

struct map;
struct map_writer;

/* Opens BESACE_ETC/NAME.cdb. NULL with errno when it is missing (ENOENT),
 * unreadable, or damaged (EPROTO): never the same as "no such key". */
struct map *map_open(char const *name);

/* The same, and what goes wrong is logged with the file's name. */
struct map *map_open_logged(char const *name);

/* The same for a file named by its path. */
struct map *map_open_file(char const *path);

/* 1 and *VALUE replaced by the first value of KEY; 0 no such key; -1 with
 * errno (EPROTO: damaged). */
int map_get(struct map *map, char const *key, size_t len, stralloc *value);

/* The whole table, record by record, in the order it was written. *POS starts
 * at 0. 1 and KEY, VALUE replaced; 0 at the end; -1 with errno. */
int map_next(struct map *map, unsigned int *pos, stralloc *key,
    stralloc *value);

/* A note about the table as a whole, which is no entry of it. As map_get; 0
 * when the map was made without. */
int map_note(struct map *map, char const *name, stralloc *value);

/* Whether the file is as it was written, octet by octet, as far as it has a
 * checksum. map_open does this for small ones; for large ones, before something
 * is refused for good because it was not found. Done once. 1, or 0 with errno
 * (EPROTO). */
int map_verify(struct map *map);

void map_close(struct map *map);

/* A new map beside PATH (temporary file). NULL with errno. */
struct map_writer *map_write_begin(char const *path);

/* 1, or 0 with errno. Keys are unique by the caller's care. */
int map_write_add(struct map_writer *w, char const *key, size_t keylen,
    char const *value, size_t len);

/* The same for a note. */
int map_write_note(struct map_writer *w, char const *name, char const *value,
    size_t len);

/* fsync, rename over PATH with MODE, fsync of the directory; W is freed.
 * 1, or 0 with errno and the old map untouched. */
int map_write_commit(struct map_writer *w, unsigned int mode);

/* Throws the new map away; W is freed. */
void map_write_abandon(struct map_writer *w);

#endif
