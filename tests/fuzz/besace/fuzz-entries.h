/* SPDX-License-Identifier: ISC */
/* A whole text file through its reader and one parser. */
#ifndef TESTS_FUZZ_ENTRIES_H
#define TESTS_FUZZ_ENTRIES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "besace/entry.h"
#include "besace/text.h"

/* What every entry of a map must be like, whatever the text was: maps are read
 * line by line and field by field. */
static void
check_good(struct entry const *e)
{
	if (!e->key.len || memchr(e->key.s, '\n', e->key.len) ||
	    (e->value.len && memchr(e->value.s, 0, e->value.len)))
		abort();
}

static void
fuzz_entries(uint8_t const *data, size_t size, enum text_style style,
    entry_parser *parse)
{
	struct text t = { .s = (char const *)data, .len = size };
	struct entry e = ENTRY_ZERO;
	stralloc line = STRALLOC_ZERO;
	unsigned int number;
	size_t end = 0;
	while (text_next(&t, style, &line, &number) == 1) {
		if (!line.len || t.start < end || t.pos <= t.start)
			abort();
		end = t.pos;
		e.value.len = 0;
		enum entry_result r = parse(line.s, line.len, &e);
		if (r == ENTRY_GOOD || r == ENTRY_DOUBTFUL)
			check_good(&e);
	}
	entry_free(&e);
	stralloc_free(&line);
}

#endif
