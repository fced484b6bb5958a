/* SPDX-License-Identifier: ISC */
/* Runs the rules over a message. */
#ifndef SPAMSCORE_SCAN_H
#define SPAMSCORE_SCAN_H

#include "rules.h"
#include "text.h"

struct scan {
	struct rules const *rules;
	unsigned int *hits; /* by rule: how often it matched */
	genalloc tests;     /* size_t: the scored rules that matched, by name */
	genalloc parts;     /* size_t: the same for "__" rules */
	double score;
	bool out_of_time;
};

/* 1, or 0 with errno. SENDER is the envelope's, or NULL. */
int scan_run(struct scan *s, struct rules const *rules, struct text const *t,
    char const *sender);

void scan_free(struct scan *s);

/* Whether the score is that of spam. */
bool scan_is_spam(struct scan const *s);

#endif
