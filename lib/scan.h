/* SPDX-License-Identifier: ISC */
/* What lies in a mailbox's cur/ and new/. */
#ifndef BESACE_SCAN_H
#define BESACE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <skalibs/stralloc.h>

struct file {
	uint32_t name; /* offset in names; NUL-terminated there */
	uint16_t len;
	uint16_t base; /* octets before ':' */
	bool in_new;
};

struct scan {
	struct file *files;
	size_t count, room;
	stralloc names;
	struct timespec cur_mtime, new_mtime; /* before the look */
	/* Nobody can have renamed a file during the look without our seeing
	 * it: what is not in the list is not in the mailbox. */
	bool stable;
};

/* Replaces *S. new/ is read before cur/, so that a file on its way from one to
 * the other is not missed. 1, or 0 with errno. */
int scan_read(struct scan *s, int dir);

/* Looks once more and, unless that look is stable, keeps what the ones before
 * found, in front: readdir may miss a file that is renamed, but hardly the same
 * one each time. A file may then be there twice, the later name being the
 * better one. 1, or 0 with errno. */
int scan_read_again(struct scan *s, int dir);

/* As scan_read, of new/ alone. */
int scan_read_new(struct scan *s, int dir);
void scan_free(struct scan *s);

/* Whether a change after NOW (CLOCK_REALTIME_COARSE) must show in a
 * modification time that is MTIME before it. */
bool scan_mtime_settled(struct timespec const *mtime,
    struct timespec const *now);

#endif
