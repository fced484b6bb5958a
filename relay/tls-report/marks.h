/* SPDX-License-Identifier: ISC */
/* What is done of a day: the file 2026-11-21.done beside its sessions, a line
 * for each domain that has its report or wants none, "example.net done", and,
 * of one that has it, for each way it took: "example.net,mailto: sent",
 * "example.net,https://reports.example/tls sent". */
#ifndef BESACE_TLS_REPORT_MARKS_H
#define BESACE_TLS_REPORT_MARKS_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

#include "bytes.h"
#include "dns.h"
#include "https-uri.h"
#include "tls-sessions.h"

enum {
	MARKS_MAX = TLS_SESSIONS_MAX, /* octets of the file */
	MARK_NAME_MAX = DNS_NAME_MAX + 1 + HTTPS_URI_MAX
};

struct marks {
	int fd;
	stralloc text;
	struct bytes *name; /* in order */
	size_t count;
	size_t size; /* of the file */
	bool cut;    /* the last line has no end */
};

/* 1, or 0 with errno. */
int marks_open(struct marks *m, int dir, char const *day);

/* Of those that were there when it was opened. */
bool marks_have(struct marks const *m, struct bytes name);

/* Sees to it that there is room for two more, in the file and on the disk: what
 * could not be marked is not to be sent. 1, or 0 with errno. */
int marks_reserve(struct marks *m);

/* Writes one down: RESULT is a word for who reads the file. SYNC: it is on disk
 * when this returns. 1, or 0 with errno. */
int marks_add(struct marks *m, char const *name, char const *result, bool sync);

void marks_close(struct marks *m);

#endif
