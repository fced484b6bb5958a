/* SPDX-License-Identifier: ISC */
/* Next hops that did not answer at all, in BESACE_VAR/dead-hops: mail for one is
 * not tried until some time has gone by, and then with one message, not with
 * all that wait. The file's size is fixed; what it forgets is tried. */
#ifndef BESACE_DEAD_HOPS_H
#define BESACE_DEAD_HOPS_H

#include "hash-file.h"
#include "settings.h"

enum { DEAD_HOP_WHY_MAX = 68 };

struct dead_hop {
	int64_t since; /* seconds of the wall clock */
	int64_t until; /* nothing is tried before */
	uint32_t failures;
	char why[DEAD_HOP_WHY_MAX]; /* the last answer's text; may be cut */
};

/* Whether there is the file. */
bool dead_hops_exist(void);

/* Whether it can be used; if not (logged), nothing is dead. */
bool dead_hops_open(struct hash_file *f);

/* IDENTITY is that of a way (routes.h). Whether it is known as dead; *UNTIL may
 * be over. */
bool dead_hop_get(struct hash_file const *f, char const *identity, int64_t now,
    struct dead_hop *hop);

/* When it failed last, in seconds of the wall clock. */
int64_t dead_hop_failed(struct settings const *s, struct dead_hop const *hop);

/* It did not answer. It is left alone for minimal_backoff_time, doubled each
 * time it fails once more, for an hour at most. */
void dead_hop_note(struct hash_file const *f, struct settings const *s,
    char const *identity, int64_t now, char const *why);

/* It answered, or is to be tried at once. */
void dead_hop_forget(struct hash_file const *f, char const *identity);

#endif
