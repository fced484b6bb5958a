/* SPDX-License-Identifier: ISC */
/* What is done of a day: the file 2026-11-21.done beside its sessions, a line
 * for each domain that has its report or wants none. */
#ifndef BESACE_TLS_REPORT_MARKS_H
#define BESACE_TLS_REPORT_MARKS_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

#include "bytes.h"

struct marks {
	int fd;
	stralloc text;
	struct bytes *domain; /* in order */
	size_t count;
	bool cut; /* the last line has no end */
};

/* 1, or 0 with errno. */
int marks_open(struct marks *m, int dir, char const *day);

bool marks_have(struct marks const *m, struct bytes domain);

/* Writes one down: RESULT is a word for who reads the file. SYNC: it is on disk
 * when this returns. 1, or 0 with errno. */
int marks_add(struct marks *m, char const *domain, char const *result,
    bool sync);

void marks_close(struct marks *m);

#endif
