/* SPDX-License-Identifier: ISC */
/* Messages on their way: anonymous files in memory, or on disk when large. */
#ifndef BESACE_SPOOL_H
#define BESACE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPOOL_MEMORY_MAX = 1024 * 1024 };

/* A new empty file without a name. -1 with errno. */
int spool_memory(void);
int spool_disk(void);

/* One that suits a message of about this size. */
int spool_for(uint64_t size);

/* The message is whole: nobody who holds the file changes it any more. On disk
 * there is no such thing, and nothing is done. 1, or 0 with errno. */
int spool_seal(int fd);

/* Size of the file. -1 with errno. */
int64_t spool_size(int fd);

/* Appends all of FROM, from the offset AT on, to TO. 1, or 0 with errno. */
int spool_copy(int from, size_t at, int to);

/* A message, mapped for reading. */
struct spool_view {
	char *s;
	size_t len;
};

/* False with errno, or for an empty file. */
bool spool_view_open(struct spool_view *v, int fd);
void spool_view_close(struct spool_view *v);

/* Whether the message bodies in A and B, with the blank lines before them, are
 * the same octet by octet. */
bool spool_same_body(int a, int b);

#endif
