/* SPDX-License-Identifier: ISC */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/stralloc.h>

#include "file.h"
#include "log.h"
#include "message.h"
#include "path.h"

int
spool_memory(void)
{
	return memfd_create("message", MFD_CLOEXEC);
}

/* For file systems without O_TMPFILE. */
static int
named_and_removed(void)
{
	stralloc name = STRALLOC_ZERO;
	int fd = -1;
	if (path_join(&name, path_var(), "message.XXXXXX"))
		fd = mkostemp(name.s, O_CLOEXEC);
	if (fd >= 0 && unlink(name.s) < 0) {
		close(fd);
		fd = -1;
	}
	int saved = errno;
	stralloc_free(&name);
	errno = saved;
	return fd;
}

int
spool_disk(void)
{
	int fd = open(path_var(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		fd = named_and_removed();
	if (fd < 0)
		log_error("make a spool file in", path_var(), errno);
	return fd;
}

int
spool_for(uint64_t size)
{
	return size > SPOOL_MEMORY_MAX ? spool_disk() : spool_memory();
}

int64_t
spool_size(int fd)
{
	struct stat st;
	return fstat(fd, &st) < 0 ? -1 : (int64_t)st.st_size;
}

int
spool_reader(int fd)
{
	char name[40];
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	return open(name, O_RDONLY | O_CLOEXEC);
}

int
spool_copy(int from, int to)
{
	char piece[65536];
	for (off_t at = 0;;) {
		ssize_t r = pread(from, piece, sizeof piece, at);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r == 0;
		if (!file_write(to, piece, (size_t)r))
			return 0;
		at += r;
	}
}

struct view {
	char *s;
	size_t len;
};

static bool
view_open(struct view *v, int fd)
{
	int64_t size = spool_size(fd);
	if (size <= 0)
		return false;
	v->len = (size_t)size;
	v->s = mmap(NULL, v->len, PROT_READ, MAP_PRIVATE, fd, 0);
	return v->s != MAP_FAILED;
}

bool
spool_same_body(int a, int b)
{
	struct view va;
	struct view vb;
	if (!view_open(&va, a))
		return false;
	if (!view_open(&vb, b)) {
		munmap(va.s, va.len);
		return false;
	}
	size_t body_a = message_body(va.s, va.len);
	size_t body_b = message_body(vb.s, vb.len);
	size_t n = va.len - body_a;
	bool same = n == vb.len - body_b &&
	    memcmp(va.s + body_a, vb.s + body_b, n) == 0;
	munmap(va.s, va.len);
	munmap(vb.s, vb.len);
	return same;
}
