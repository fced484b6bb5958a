/* SPDX-License-Identifier: ISC */
/* Maildir++ on disk: folders, unique names, durable delivery in two steps. */
#ifndef BESACE_MAILDIR_H
#define BESACE_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <sys/uio.h>

enum { MAILDIR_NAME_MAX = 255 };

/* A message on its way: written and synced in tmp/, not yet visible. */
struct maildir_file {
	int dirfd;                       /* the Maildir or folder, owned */
	int subdirfd;                    /* its new/ or cur/, once shown */
	char base[MAILDIR_NAME_MAX + 1]; /* the final base name:
	                                    <sec>.M<usec>P<pid>_<n>.<host>,S=,W= */
	char tmp[MAILDIR_NAME_MAX + 1];  /* name below tmp/ */
	bool pending;                    /* tmp/ holds it */
	uint64_t size;                   /* octets as stored */
	uint64_t crlf_size;              /* with CRLF line ends: RFC822.SIZE */
	char path[MAILDIR_NAME_MAX + 5]; /* once shown: "new/NAME" or
	                                    "cur/NAME:2,FLAGS"; else "" */
};

/* Whether PATH may stand for a Maildir in a map: not empty, which would be the
 * store itself, and without NUL or another control octet. That it is relative
 * and does not climb is maildir_open's to see. */
bool maildir_is_path(char const *path, size_t len);

/* Opens directory PATH (relative to the directory BASEFD, components checked,
 * symbolic links refused) and, if CREATE, makes what is missing: the Maildir
 * with cur, new, tmp, mode 0700, each new directory synced in its parent, and
 * "maildirfolder" in a folder (".Name"). Returns a descriptor, or -1 with
 * errno (EINVAL: not a path we may follow). */
int maildir_open(int basefd, char const *path, bool create);

/* Opens directory NAME itself, in ATFD; no link is followed. -1 with errno. */
int maildir_open_dir(int atfd, char const *name);

/* Opens folder NAME ("Junk", levels joined by '.', modified UTF-7; "" is the
 * Maildir itself) of the Maildir ROOTFD. -1 with errno. */
int maildir_open_folder(int rootfd, char const *name, bool create);

/* Makes new and tmp where cur is: as they are empty, they get lost when a
 * Maildir is copied or restored. 1; 0 with errno. */
int maildir_mend(int dirfd);

/* Writes IOV (COUNT pieces) and then, unless FD is -1, the rest of FD from
 * offset OFFSET, to a new file in tmp/, with fsync. DIRFD is taken over, also
 * on failure. 1; 0 with errno, nothing left behind (F->pending false). */
int maildir_write(struct maildir_file *f, int dirfd, struct iovec const *iov,
    int count, int fd, uint64_t offset);

/* Makes it visible in SUBDIR ("new" or "cur"; INFO is "" or ":2,FLAGS") by
 * rename that never replaces a file. It is not safe from a power cut before
 * maildir_sync. 1; 0 with errno, the file still in tmp/. */
int maildir_show(struct maildir_file *f, char const *subdir, char const *info);

/* Syncs the directory it is visible in. 1; 0 with errno: it is visible and has
 * to be abandoned. */
int maildir_sync(struct maildir_file *f);

/* The same for SUBDIR of DIRFD, after any number of files. 1, or 0 with errno. */
int maildir_sync_dir(int dirfd, char const *subdir);

/* Both. 1; 0 with errno, the file still in tmp/ or (after a failed sync) taken
 * back: then F->pending is false. */
int maildir_commit(struct maildir_file *f, char const *subdir,
    char const *info);

/* Takes a visible file back, also when a reader has moved it to cur/ or
 * changed its flags meanwhile, or removes it from tmp/; closes what F holds.
 * 1, errno is kept; 0 with errno: it can still be seen. */
int maildir_abandon(struct maildir_file *f);

/* Closes what the file holds open; it stays where it is. */
void maildir_close(struct maildir_file *f);

/* A unique base name without sizes: <sec>.M<usec>P<pid>_<n>.<host>. Also when
 * the clock stands still or goes back and process ids come again. */
void maildir_unique(char name[MAILDIR_NAME_MAX + 1]);

/* Value of a ",S=" or ",W=" field in a base name. False when there is none. */
bool maildir_name_field(char const *base, size_t len, char field,
    uint64_t *value);

/* The order of arrival that two base names tell, as memcmp: numbers count as
 * such, for microseconds have no leading zeros ("1.M9P" is before "1.M10P"). */
int maildir_name_order(char const *a, size_t a_len, char const *b,
    size_t b_len);

/* Removes what deliveries that died left in tmp/ of DIRFD: files that have not
 * changed for 36 hours before NOW. Looks at a bounded number of files; best
 * effort. */
void maildir_sweep(int dirfd, time_t now);

#endif
