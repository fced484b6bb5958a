/* SPDX-License-Identifier: ISC */
/* Regular expressions as rule files write them: /re/i, m{re}x. Matching is on
 * bytes and bounded, whatever the pattern and the text. */
#ifndef SPAMSCORE_PATTERN_H
#define SPAMSCORE_PATTERN_H

#include <stddef.h>

struct pattern;

enum { PATTERN_WHY_MAX = 160 };

/* Reads a pattern with its delimiters and flags that fills S whole. NULL with
 * the reason in WHY. */
struct pattern *pattern_compile(char const *s, size_t len,
    char why[static PATTERN_WHY_MAX]);

/* How often it matches, not overlapping; counting stops at MAX (at least 1). A
 * match that would cost too much is no match. */
unsigned int pattern_count(struct pattern const *p, char const *s, size_t len,
    unsigned int max);

void pattern_free(struct pattern *p);

#endif
