/* SPDX-License-Identifier: ISC */
#include "title.h"

#include <stdbool.h>
#include <unistd.h>
#include <bsd/unistd.h>

static bool has_room;

void
title_open(int argc, char **argv)
{
	setproctitle_init(argc, argv, environ);
	has_room = true;
}

void
title_set(char const *user, char const *ip, char const *state)
{
	if (has_room)
		setproctitle("%s%s%s %s", user, ip ? " " : "", ip ? ip : "",
		    state);
}
