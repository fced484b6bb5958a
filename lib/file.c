/* SPDX-License-Identifier: ISC */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

int
file_write(int fd, char const *s, size_t len)
{
	while (len) {
		ssize_t w = write(fd, s, len);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0) {
			if (w == 0)
				errno = EIO;
			return 0;
		}
		s += w;
		len -= (size_t)w;
	}
	return 1;
}

int
file_sync(int fd)
{
	int r;
	do
		r = fsync(fd);
	while (r < 0 && errno == EINTR);
	return r == 0;
}

int
file_close(int fd)
{
	return close(fd) == 0 || errno == EINTR;
}

int
file_open(int dir, char const *name, int flags)
{
	struct stat st;
	int fd = openat(dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int saved = EINVAL;
	if (fstat(fd, &st) < 0)
		saved = errno;
	else if (S_ISREG(st.st_mode))
		return fd;
	close(fd);
	errno = saved;
	return -1;
}

int
file_read(int fd, stralloc *sa, size_t max)
{
	sa->len = 0;
	for (;;) {
		if (!stralloc_readyplus(sa, 16384))
			return 0;
		ssize_t r = read(fd, sa->s + sa->len, sa->a - sa->len);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return 0;
		if (r == 0)
			return 1;
		sa->len += (size_t)r;
		if (sa->len > max) {
			errno = EFBIG;
			return 0;
		}
	}
}

ssize_t
file_read_at(int fd, char *buf, size_t len, uint64_t at)
{
	ssize_t n;
	do
		n = pread(fd, buf, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n;
}

int
file_read_all_at(int fd, void *buf, size_t len, uint64_t at)
{
	for (size_t done = 0; done < len;) {
		ssize_t n =
		    file_read_at(fd, (char *)buf + done, len - done, at + done);
		if (n == 0)
			errno = ENODATA;
		if (n <= 0)
			return 0;
		done += (size_t)n;
	}
	return 1;
}

int
file_write_at(int fd, char const *s, size_t len, uint64_t at)
{
	for (size_t done = 0; done < len;) {
		ssize_t n =
		    pwrite(fd, s + done, len - done, (off_t)(at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		done += (size_t)n;
	}
	return 1;
}

int
file_slurp(char const *path, stralloc *sa, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	int ok = file_read(fd, sa, max);
	int saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

static int
open_parent(char const *path)
{
	char *copy = strdup(path);
	if (!copy)
		return -1;
	char *slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = 0;
	int fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int saved = errno;
	free(copy);
	errno = saved;
	return fd;
}

int
file_sync_parent(char const *path)
{
	int fd = open_parent(path);
	if (fd < 0)
		return 0;
	int ok = file_sync(fd);
	int saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

static int
write_synced(int fd, char const *s, size_t len, unsigned mode)
{
	int ok =
	    file_write(fd, s, len) && fchmod(fd, mode) == 0 && file_sync(fd);
	int saved = errno;
	if (!file_close(fd) && ok)
		return 0;
	errno = saved;
	return ok;
}

/* -1 once there is such a file. */
static int
make_random(int dir, char const *name, stralloc *made)
{
	unsigned char random[8];
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random ||
	    !stralloc_copys(made, name) || !stralloc_cats(made, ".tmp."))
		return -1;
	for (size_t i = 0; i < sizeof random; i++) {
		char hex[3];
		snprintf(hex, sizeof hex, "%02x", random[i]);
		if (!stralloc_cats(made, hex))
			return -1;
	}
	if (!stralloc_0(made))
		return -1;
	made->len--;
	return openat(dir, made->s,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int
file_make_beside(int dir, char const *name, stralloc *made)
{
	int fd;
	do
		fd = make_random(dir, name, made);
	while (fd < 0 && errno == EEXIST);
	return fd;
}

int
file_replace_in(int dir, char const *name, char const *s, size_t len,
    unsigned mode)
{
	stralloc made = STRALLOC_ZERO;
	int fd = file_make_beside(dir, name, &made);
	int ok = fd >= 0 && write_synced(fd, s, len, mode) &&
	    renameat(dir, made.s, dir, name) == 0;
	int saved = errno;
	if (!ok && fd >= 0)
		unlinkat(dir, made.s, 0);
	stralloc_free(&made);
	errno = saved;
	return ok && file_sync(dir);
}

int
file_replace(char const *path, char const *s, size_t len, unsigned mode)
{
	char const *slash = strrchr(path, '/');
	int dir = open_parent(path);
	if (dir < 0)
		return 0;
	int ok = file_replace_in(dir, slash ? slash + 1 : path, s, len, mode);
	int saved = errno;
	close(dir);
	errno = saved;
	return ok;
}

static int
map_regular(int fd, char const **s, size_t *len, size_t size, size_t max)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	if (at < 0)
		return 0;
	if ((size_t)at > size)
		at = (off_t)size;
	if (size - (size_t)at > max) {
		errno = EFBIG;
		return 0;
	}
	*len = size - (size_t)at;
	*s = "";
	if (*len == 0)
		return 1;
	char *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return 0;
	*s = p + at;
	return 1;
}

int
file_input(int fd, char const **s, size_t *len, size_t max)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return 0;
	if (S_ISREG(st.st_mode))
		return map_regular(fd, s, len, (size_t)st.st_size, max);
	static stralloc all = STRALLOC_ZERO;
	if (!file_read(fd, &all, max))
		return 0;
	*s = all.len ? all.s : "";
	*len = all.len;
	return 1;
}
