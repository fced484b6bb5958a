/* SPDX-License-Identifier: ISC */
/* dovecot-keywords: the names of the letters a to z in a mailbox's file names.
 *
 *	<number> <keyword>	number 0..25, gaps allowed */
#ifndef BESACE_KEYWORDS_H
#define BESACE_KEYWORDS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <skalibs/stralloc.h>
#include "flags.h"

#define KEYWORDS_FILE "dovecot-keywords"

enum { KEYWORD_NAME_MAX = 255 };

struct keywords {
	char names[KEYWORDS_MAX][KEYWORD_NAME_MAX + 1]; /* "": free */
	struct timespec mtime; /* of the file that was read */
	uint64_t inode, size;
};

/* Pure. Lines that are not of the format are left out. */
void keywords_parse(struct keywords *k, char const *s, size_t len);

/* Reads the file if it is another one than before. 1 changed; 0 the same (or
 * there is none); -1 with errno. */
int keywords_load(struct keywords *k, int dir);

/* The bit of a keyword, 0 when it has none. */
uint32_t keywords_find(struct keywords const *k, char const *name, size_t len);

/* Gives a keyword the first letter that is neither named nor in USED, and
 * writes the file. Under the uidlist's lock, after keywords_load. The bit; 0
 * with errno (ENOSPC there: EDQUOT when all letters are taken). */
uint32_t keywords_add(struct keywords *k, int dir, uint32_t used,
    char const *name, size_t len);

/* The name of letter I: "unknown-<i>" for one that is in use without a line. */
void keywords_name(struct keywords const *k, unsigned i,
    char name[KEYWORD_NAME_MAX + 1]);

#endif
