/* SPDX-License-Identifier: ISC */
/* Lock files as Dovecot makes them: NAME.lock, O_EXCL, "<pid>:<hostname>". */
#ifndef BESACE_LOCK_H
#define BESACE_LOCK_H

#include <stdbool.h>

enum {
	LOCK_STALE = 120,  /* seconds without a touch: its holder is gone */
	LOCK_REFRESH = 10, /* a holder touches it at least this often */
	LOCK_PATIENCE = 150
};

struct lock {
	int dir; /* borrowed */
	int fd;
	char const *name; /* "dovecot-uidlist.lock" */
	long touched;
};

/* 1 held; 0 with errno (ETIMEDOUT after LOCK_PATIENCE; EEXIST: something that is
 * no lock has its name). */
int lock_take(struct lock *l, int dir, char const *name);

/* The same without waiting: 0 with EEXIST when somebody has it. */
int lock_try(struct lock *l, int dir, char const *name);

/* During long work under the lock. */
void lock_touch(struct lock *l);

/* Whether it is still there: not taken for stale by somebody. */
bool lock_held(struct lock const *l);

/* 0 when it was not there any more (somebody took it for stale). */
int lock_drop(struct lock *l);

/* 1: the finished lock file (content written by the caller through l->fd and
 * synced) becomes TARGET and the lock is free. 0 with errno (EAGAIN: it was not
 * ours any more), lock dropped. */
int lock_commit(struct lock *l, char const *target);

#endif
