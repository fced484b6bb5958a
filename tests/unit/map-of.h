/* SPDX-License-Identifier: ISC */
/* A map for a unit test, of keys and values by turns, ended by NULL. Its file is
 * made in the working directory, and gone at once. */
#ifndef TESTS_UNIT_MAP_OF_H
#define TESTS_UNIT_MAP_OF_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/map.h"

static struct map *
map_of(char const *name, char const *const *pairs)
{
	char path[64];
	snprintf(path, sizeof path, "%s.cdb", name);
	struct map_writer *w = map_write_begin(path);
	int ok = w != NULL;
	for (; ok && *pairs; pairs += 2)
		ok = map_write_add(w, pairs[0], strlen(pairs[0]), pairs[1],
		    strlen(pairs[1]));
	if (!ok || !map_write_commit(w, 0600))
		abort();
	struct map *map = map_open_file(path);
	if (!map || unlink(path) < 0)
		abort();
	return map;
}

#endif
