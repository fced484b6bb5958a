/* SPDX-License-Identifier: ISC */
#include "scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "array.h"
#include "flags.h"

enum { SCAN_FILES_MAX = 1 << 24 };

bool
scan_mtime_settled(struct timespec const *mtime, struct timespec const *now)
{
	/* No nanoseconds: perhaps a file system that counts in seconds. */
	if (now->tv_sec != mtime->tv_sec || !mtime->tv_nsec)
		return now->tv_sec > mtime->tv_sec;
	return now->tv_nsec > mtime->tv_nsec;
}

static int
add(struct scan *s, char const *name, size_t len, bool in_new)
{
	void *p = array_grow(s->files, s->count, sizeof *s->files,
	    SCAN_FILES_MAX, &s->room);
	if (!p)
		return 0;
	s->files = p;
	struct file *f = &s->files[s->count];
	f->name = (uint32_t)s->names.len;
	f->len = (uint16_t)len;
	f->base = (uint16_t)flags_base(name, len);
	f->in_new = in_new;
	if (!stralloc_catb(&s->names, name, len + 1))
		return 0;
	s->count++;
	return 1;
}

/* Names that could not stand in a uidlist are not messages. */
static bool
is_message(struct dirent const *e)
{
	if (e->d_name[0] == '.' || e->d_name[0] == ':' ||
	    strchr(e->d_name, '\n'))
		return false;
	return e->d_type == DT_REG || e->d_type == DT_UNKNOWN;
}

static int
read_entries(struct scan *s, DIR *d, bool in_new)
{
	struct dirent const *e;
	for (;;) {
		errno = 0;
		if (!(e = readdir(d)))
			return errno == 0;
		if (is_message(e) &&
		    !add(s, e->d_name, strlen(e->d_name), in_new))
			return 0;
	}
}

static bool
same_time(struct timespec const *a, struct timespec const *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static int
read_dir(struct scan *s, int dir, char const *name, bool in_new,
    struct timespec *mtime)
{
	struct stat before;
	struct stat after;
	struct timespec now;
	int fd =
	    openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	DIR *d = fdopendir(fd);
	if (!d) {
		close(fd);
		return 0;
	}
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	int ok = fstat(fd, &before) == 0 && read_entries(s, d, in_new) &&
	    fstat(fd, &after) == 0;
	int saved = errno;
	closedir(d);
	if (ok) {
		*mtime = before.st_mtim;
		s->stable = s->stable &&
		    same_time(&before.st_mtim, &after.st_mtim) &&
		    scan_mtime_settled(mtime, &now);
	}
	errno = saved;
	return ok;
}

int
scan_read(struct scan *s, int dir)
{
	s->count = 0;
	s->names.len = 0;
	return scan_read_again(s, dir);
}

int
scan_read_again(struct scan *s, int dir)
{
	size_t before = s->count;
	s->stable = true;
	if (!read_dir(s, dir, "new", true, &s->new_mtime) ||
	    !read_dir(s, dir, "cur", false, &s->cur_mtime))
		return 0;
	if (s->stable && before) {
		s->count -= before;
		memmove(s->files, s->files + before,
		    s->count * sizeof *s->files);
	}
	return 1;
}

int
scan_read_new(struct scan *s, int dir)
{
	s->count = 0;
	s->names.len = 0;
	s->stable = true;
	return read_dir(s, dir, "new", true, &s->new_mtime);
}

void
scan_free(struct scan *s)
{
	free(s->files);
	stralloc_free(&s->names);
	memset(s, 0, sizeof *s);
}
