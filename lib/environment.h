/* SPDX-License-Identifier: ISC */
/* The environment of the programs that a message goes through: a few of our own
 * variables, and the facts of the filter contract (smtp-session(8)). */
#ifndef BESACE_ENVIRONMENT_H
#define BESACE_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

enum { ENVIRONMENT_MAX = 32 };

struct environment {
	char *entry[ENVIRONMENT_MAX + 1]; /* NULL at the end */
	size_t count;
	bool failed; /* something is missing: not to be used */
};

/* Begins with what every program gets: PATH, TZ, BESACE_ETC, BESACE_VAR. */
void environment_begin(struct environment *e);

/* Adds NAME=VALUE; nothing when VALUE is NULL. */
void environment_put(struct environment *e, char const *name,
    char const *value);

void environment_free(struct environment *e);

#endif
