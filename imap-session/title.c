/* SPDX-License-Identifier: ISC */
/* Linux shows what stands where the arguments were. A title that overwrites
 * their last octet may go on where the environment was; it ends with a NUL. */
#include "title.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where titles go; NULL: nowhere. */
static char *place;
static size_t room;

/* How many octets follow PLACE without a gap, after LEN, in STRINGS. */
static size_t
extend(char *const *strings, size_t len)
{
	for (; *strings && *strings == place + len; strings++)
		len += strlen(*strings) + 1;
	return len;
}

static char **
copy_strings(char *const *strings)
{
	size_t n = 0;
	while (strings[n])
		n++;
	char **copy = calloc(n + 1, sizeof *copy);
	for (size_t i = 0; copy && i < n; i++)
		if (!(copy[i] = strdup(strings[i])))
			return NULL; /* what is left of it stays for good */
	return copy;
}

void
title_open(char **argv)
{
	char **copy = copy_strings(environ);
	if (!copy || !argv[0])
		return;
	place = argv[0];
	room = extend(argv, 0);
	room = extend(environ, room);
	environ = copy;
}

void
title_set(char const *user, char const *ip, char const *state)
{
	if (!place)
		return;
	int n = snprintf(place, room, "imap-session: %s%s%s %s", user,
	    ip ? " " : "", ip ? ip : "", state);
	size_t end = n < 0 ? 0 : (size_t)n;
	if (end < room)
		memset(place + end, 0, room - end);
}
