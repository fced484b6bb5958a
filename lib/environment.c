/* SPDX-License-Identifier: ISC */
#include "environment.h"

#include <stdio.h>
#include <stdlib.h>

#include "path.h"

void
environment_put(struct environment *e, char const *name, char const *value)
{
	if (!value || e->failed)
		return;
	if (e->count == ENVIRONMENT_MAX ||
	    asprintf(&e->entry[e->count], "%s=%s", name, value) < 0)
		e->failed = true;
	else
		e->entry[++e->count] = NULL;
}

void
environment_begin(struct environment *e)
{
	e->count = 0;
	e->entry[0] = NULL;
	e->failed = false;
	environment_put(e, "PATH", getenv("PATH"));
	environment_put(e, "TZ", getenv("TZ"));
	environment_put(e, "BESACE_ETC", path_etc());
	environment_put(e, "BESACE_VAR", path_var());
	environment_put(e, "ASAN_OPTIONS", getenv("ASAN_OPTIONS"));
}

void
environment_free(struct environment *e)
{
	while (e->count)
		free(e->entry[--e->count]);
}
