/* SPDX-License-Identifier: ISC */
/* The sessions of a day, grouped by domain. */
#ifndef BESACE_TLS_REPORT_SESSIONS_H
#define BESACE_TLS_REPORT_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

#include "bytes.h"

struct sessions {
	stralloc text;
	struct bytes *line; /* without line ends, in order */
	size_t count;
	bool full; /* the file was as large as it may be: some are missing */
};

/* Lines that belong together: FIRST, and those before END. */
struct session_range {
	size_t first, end;
};

/* Reads the file DAY in the directory DIR, and leaves out what is no session. 1,
 * or 0 with errno. */
int sessions_read(struct sessions *s, int dir, char const *day);

/* The next group of lines of one domain, behind *R, whose end is 0 at first.
 * False at the end. */
bool sessions_next_domain(struct sessions const *s, struct session_range *r);

void sessions_free(struct sessions *s);

#endif
