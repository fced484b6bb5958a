/* SPDX-License-Identifier: ISC */
#include "quota-count.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "maildir.h"

/* A hash of the directories' times: the same before and after when nothing has
 * moved. */
struct look {
	struct quota_usage used;
	uint64_t times;
	bool settled;        /* no change can hide in the clock's grain */
	struct timespec now; /* before the look */
};

static DIR *
open_dir(int at, char const *name)
{
	int fd =
	    openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d && fd >= 0)
		close(fd);
	return d;
}

static int
close_dir(DIR *d, int ok)
{
	int saved = errno;
	closedir(d);
	errno = saved;
	return ok;
}

/* --- one directory ---------------------------------------------------------- */

static void
add(struct quota_usage *sum, uint64_t bytes)
{
	if (__builtin_add_overflow(sum->bytes, bytes, &sum->bytes) ||
	    sum->bytes > INT64_MAX)
		sum->bytes = INT64_MAX;
	sum->messages++;
}

/* A file that goes while we look is none. */
static int
add_file(int dir, struct dirent const *e, struct quota_usage *sum)
{
	uint64_t size;
	struct stat st;
	char const *name = e->d_name;
	if (name[0] == '.' || (e->d_type != DT_REG && e->d_type != DT_UNKNOWN))
		return 1;
	if (maildir_name_field(name, strcspn(name, ":"), 'S', &size)) {
		add(sum, size);
		return 1;
	}
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	if (S_ISREG(st.st_mode))
		add(sum, (uint64_t)st.st_size);
	return 1;
}

static int
add_files(DIR *d, struct quota_usage *sum)
{
	for (;;) {
		errno = 0;
		struct dirent const *e = readdir(d);
		if (!e)
			return errno == 0;
		if (!add_file(dirfd(d), e, sum))
			return 0;
	}
}

/* One that is not there is empty. */
static int
add_dir(int folder, char const *name, struct quota_usage *sum)
{
	DIR *d = open_dir(folder, name);
	if (!d)
		return errno == ENOENT || errno == ENOTDIR;
	return close_dir(d, add_files(d, sum));
}

/* new/ first: what moves from there to cur/ is not missed. */
int
quota_count_folder(int dir, struct quota_usage *sum)
{
	return add_dir(dir, "new", sum) && add_dir(dir, "cur", sum);
}

/* --- the whole Maildir ------------------------------------------------------ */

static void
note_time(struct look *l, int dir, char const *name)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	uint64_t t = (uint64_t)st.st_mtim.tv_sec * 1000000000 +
	    (uint64_t)st.st_mtim.tv_nsec + st.st_ino;
	l->times = (l->times ^ t) * 0x100000001b3;
	if (st.st_mtim.tv_sec > l->now.tv_sec ||
	    (st.st_mtim.tv_sec == l->now.tv_sec &&
	        st.st_mtim.tv_nsec >= l->now.tv_nsec))
		l->settled = false;
}

/* COUNT: the messages too, not only the times. */
static int
look_into(struct look *l, int dir, bool count)
{
	note_time(l, dir, "new");
	note_time(l, dir, "cur");
	return !count || quota_count_folder(dir, &l->used);
}

/* ".Name", as IMAP shows it: not "..name", which is on its way out. */
static int
look_into_folder(struct look *l, int root, char const *name, bool count)
{
	if (name[0] != '.' || !name[1] || name[1] == '.')
		return 1;
	int dir =
	    openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
	int ok = look_into(l, dir, count);
	int saved = errno;
	close(dir);
	errno = saved;
	return ok;
}

static int
look_into_folders(struct look *l, DIR *d, bool count)
{
	for (;;) {
		errno = 0;
		struct dirent const *e = readdir(d);
		if (!e)
			return errno == 0;
		if (!look_into_folder(l, dirfd(d), e->d_name, count))
			return 0;
	}
}

static int
look(struct look *l, int root, bool count)
{
	memset(l, 0, sizeof *l);
	l->settled = true;
	clock_gettime(CLOCK_REALTIME_COARSE, &l->now);
	DIR *d = open_dir(root, ".");
	if (!d)
		return 0;
	return close_dir(d,
	    look_into(l, root, count) && look_into_folders(l, d, count));
}

int
quota_count(int root, struct quota_usage *used, bool *stable)
{
	struct look first, again;
	if (!look(&first, root, true) || !look(&again, root, false))
		return 0;
	*used = first.used;
	*stable = first.settled && first.times == again.times;
	return 1;
}
