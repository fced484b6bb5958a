/* SPDX-License-Identifier: ISC */
/* Whole files and whole writes, with every result looked at. */
#ifndef BESACE_FILE_H
#define BESACE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>

/* Writes all of it, through EINTR and short writes. 1, or 0 with errno. */
int file_write(int fd, char const *s, size_t len);

/* Opens NAME in DIR with FLAGS (O_RDONLY, O_RDWR) if it is a regular file: no
 * link is followed and no pipe waited for. A descriptor; -1 with errno (EINVAL:
 * something else). */
int file_open(int dir, char const *name, int flags);

/* Reads to the end of FD, at most MAX octets (EFBIG beyond). *SA is replaced.
 * 1, or 0 with errno. */
int file_read(int fd, stralloc *sa, size_t max);

/* pread(2), done again when interrupted. */
ssize_t file_read_at(int fd, char *buf, size_t len, uint64_t at);

/* All of LEN octets from there, or to there, through short reads and writes. 1;
 * 0 with errno (ENODATA: the file ends before). */
int file_read_all_at(int fd, void *buf, size_t len, uint64_t at);
int file_write_at(int fd, char const *s, size_t len, uint64_t at);

/* The same as file_read for a named file. */
int file_slurp(char const *path, stralloc *sa, size_t max);

/* Replaces PATH by these bytes: temporary file beside it, fsync, rename, fsync
 * of the directory. 1, or 0 with errno and the old file untouched. */
int file_replace(char const *path, char const *s, size_t len, unsigned mode);

/* The same for NAME in the directory DIR. */
int file_replace_in(int dir, char const *name, char const *s, size_t len,
    unsigned mode);

/* A new file beside NAME in DIR, 0600, for reading and writing: "NAME.tmp." and
 * random digits, which *MADE becomes. A descriptor; -1 with errno. */
int file_make_beside(int dir, char const *name, stralloc *made);

/* fsync, done again when interrupted; no other error goes away by that, as the
 * kernel may have dropped what it could not write. 1, or 0 with errno. */
int file_sync(int fd);

/* Closes what was written. Interrupted, it is closed all the same. 1, or 0 with
 * errno: what was not synced may be lost. */
int file_close(int fd);

/* fsync of the directory that holds PATH. 1, or 0 with errno. */
int file_sync_parent(char const *path);

/* Stdin as bytes: a regular file (or memfd) is mapped privately, anything else
 * is read whole, at most MAX octets. *S and *LEN live to the end of the
 * process. 1; 0 with errno (EFBIG: too large). */
int file_input(int fd, char const **s, size_t *len, size_t max);

#endif
