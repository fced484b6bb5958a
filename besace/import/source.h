/* SPDX-License-Identifier: ISC */
/* The old store, read through the one who may: the mail's owner, who writes the
 * new one and reads what strangers once wrote, asks for each file by name and
 * gets it opened. No link is followed below a source, nor anything but regular
 * files and directories opened. */
#ifndef BESACE_IMPORT_SOURCE_H
#define BESACE_IMPORT_SOURCE_H

#include <skalibs/stralloc.h>

enum { SOURCES_MAX = 250, SOURCE_PATH_MAX = 4096 };

/* A directory, "" being the source itself, or a file below it. */
struct source {
	int channel;
	unsigned index;
	char const *name; /* as it was given, for messages */
};

/* Answers requests until the other end is closed. BASES: directories. 1, or 0
 * with errno. */
int source_serve(int channel, int const *bases, unsigned count);

/* A descriptor for reading; -1 with errno (ELOOP: a link; EINVAL: no file). */
int source_open(struct source const *s, char const *path);

/* The whole of a small file. 1; 0 there is none; -1 with errno. */
int source_slurp(struct source const *s, char const *dir, char const *name,
    stralloc *text);

/* *PATH becomes DIR/NAME, or NAME, with a NUL that is not counted. */
int source_path(stralloc *path, char const *dir, char const *name);

/* The names in a directory, each ended by a NUL, sorted; without those that
 * begin with two dots or are ".". 1, or 0 with errno. */
int source_list(struct source const *s, char const *dir, stralloc *names);

/* Whether it is a directory, 1; 0 with errno, also when it cannot be told. */
int source_is_dir(struct source const *s, char const *dir, char const *name);

#endif
