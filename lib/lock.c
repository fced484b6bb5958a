/* SPDX-License-Identifier: ISC */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "file.h"
#include "monotonic.h"

enum { LOCK_HOST_MAX = 256, LOCK_NAMELESS = 2 /* seconds */ };

static void
pause_before_retry(unsigned attempt)
{
	/* Short at first: a lock is usually held for a millisecond or two. The
	 * pid spreads those who wait together. */
	long us = 500 + 250 * (long)(attempt < 60 ? attempt : 60) +
	    (long)getpid() % 499;
	struct timespec ts = { 0, us * 1000 };
	nanosleep(&ts, NULL);
}

/* Whether the lock's holder was a process of this machine that is no more. */
static bool
holder_is_dead(char const *content, char const *host)
{
	char *end;
	long pid = strtol(content, &end, 10);
	return pid > 0 && *end == ':' && strcmp(end + 1, host) == 0 &&
	    kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static bool
looks_stale(int fd, struct stat const *st, char const *host)
{
	char content[LOCK_HOST_MAX + 32];
	ssize_t n = read(fd, content, sizeof content - 1);
	if (n < 0)
		return false;
	content[n] = 0;
	/* A holder writes its name at once; one that has not died first. */
	time_t age = time(NULL) - st->st_mtime;
	return age > (n ? LOCK_STALE : LOCK_NAMELESS) ||
	    holder_is_dead(content, host);
}

static bool
is_there(int dir, char const *name, struct stat const *seen)
{
	struct stat st;
	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == seen->st_ino && st.st_dev == seen->st_dev;
}

/* Of all who see that a lock is stale one at a time removes it, if it is still
 * there: whoever comes after him would remove the lock of the next holder. */
static void
check_stale(int dir, char const *name, char const *host)
{
	struct stat st;
	int fd = file_open(dir, name, O_RDONLY);
	if (fd < 0)
		return;
	bool mine = flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
	if (mine && fstat(fd, &st) == 0 && looks_stale(fd, &st, host) &&
	    is_there(dir, name, &st))
		unlinkat(dir, name, 0);
	close(fd);
}

static int
write_owner(struct lock *l, char const *host)
{
	char content[LOCK_HOST_MAX + 32];
	int n =
	    snprintf(content, sizeof content, "%ld:%s", (long)getpid(), host);
	if (file_write(l->fd, content, (size_t)n))
		return 1;
	int saved = errno;
	lock_drop(l);
	errno = saved;
	return 0;
}

/* What is no regular file nobody holds, and nobody will remove. */
static bool
may_come_free(int dir, char const *name)
{
	struct stat st;
	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    S_ISREG(st.st_mode);
}

static int
begin(struct lock *l, int dir, char const *name, char host[LOCK_HOST_MAX])
{
	if (gethostname(host, LOCK_HOST_MAX) < 0)
		return 0;
	host[LOCK_HOST_MAX - 1] = 0;
	l->dir = dir;
	l->name = name;
	return 1;
}

static int
make(struct lock *l, char const *host)
{
	l->touched = monotonic_seconds();
	l->fd = openat(l->dir, l->name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return l->fd >= 0 && write_owner(l, host);
}

int
lock_try(struct lock *l, int dir, char const *name)
{
	char host[LOCK_HOST_MAX];
	return begin(l, dir, name, host) && make(l, host);
}

int
lock_take(struct lock *l, int dir, char const *name)
{
	char host[LOCK_HOST_MAX];
	if (!begin(l, dir, name, host))
		return 0;
	long start = monotonic_seconds();
	for (unsigned attempt = 0;; attempt++) {
		if (make(l, host))
			return 1;
		if (errno != EEXIST)
			return 0;
		if (!may_come_free(dir, name)) {
			errno = EEXIST;
			return 0;
		}
		if (monotonic_seconds() - start > LOCK_PATIENCE) {
			errno = ETIMEDOUT;
			return 0;
		}
		if (attempt % 16 == 15)
			check_stale(dir, name, host);
		pause_before_retry(attempt);
	}
}

void
lock_touch(struct lock *l)
{
	long now = monotonic_seconds();
	if (now - l->touched < LOCK_REFRESH / 2)
		return;
	if (futimens(l->fd, NULL) == 0)
		l->touched = now;
}

bool
lock_held(struct lock const *l)
{
	struct stat mine;
	return fstat(l->fd, &mine) == 0 && is_there(l->dir, l->name, &mine);
}

int
lock_drop(struct lock *l)
{
	int ok = lock_held(l) && unlinkat(l->dir, l->name, 0) == 0;
	close(l->fd);
	l->fd = -1;
	return ok;
}

int
lock_commit(struct lock *l, char const *target)
{
	int ok = 0;
	int saved = EAGAIN;
	if (lock_held(l)) {
		ok = renameat(l->dir, l->name, l->dir, target) == 0;
		saved = errno;
	}
	if (!ok) {
		lock_drop(l);
	} else {
		close(l->fd);
		l->fd = -1;
	}
	errno = saved;
	return ok;
}
