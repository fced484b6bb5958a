/* SPDX-License-Identifier: ISC */
/* The lines of a configuration file. Pure. */
#ifndef BESACE_TEXT_H
#define BESACE_TEXT_H

#include <stddef.h>
#include <skalibs/stralloc.h>

struct text {
	char const *s;
	size_t len;
	size_t pos;
	size_t start; /* where the entry last read begins; it ends at pos */
	unsigned int line; /* lines read so far */
};

/* How lines make entries. */
enum text_style {
	TEXT_LOGICAL, /* Postfix: a line that starts with white space goes on
	               * with the one before; "#" comments out a whole line */
	TEXT_PLAIN,   /* passwd-file: each line; "#" first is a comment */
	TEXT_CUT      /* OpenDKIM: each line, up to a "#" anywhere */
};

/* *ENTRY becomes the next entry that is not empty, without white space at its
 * ends, and *NUMBER its first line's. 1; 0 at the end; -1 out of memory. */
int text_next(struct text *t, enum text_style style, stralloc *entry,
    unsigned int *number);

/* Length of the first word of S: up to white space that is not in double
 * quotes. */
size_t text_word(char const *s, size_t len);

/* Length of the white space S starts with. */
size_t text_space(char const *s, size_t len);

#endif
