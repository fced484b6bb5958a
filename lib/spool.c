/* SPDX-License-Identifier: ISC */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/stralloc.h>

#include "file.h"
#include "log.h"
#include "message.h"
#include "path.h"

enum { COMPARE_PIECE = 1024 * 1024 };

int
spool_memory(void)
{
	return memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

/* For file systems without O_TMPFILE. */
static int
named_and_removed(int var)
{
	stralloc name = STRALLOC_ZERO;
	int fd = file_make_beside(var, "message", &name);
	if (fd >= 0 && unlinkat(var, name.s, 0) < 0) {
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
	int var = path_open_var();
	int fd = var < 0
	    ? -1
	    : openat(var, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && var >= 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		fd = named_and_removed(var);
	if (fd < 0)
		log_error("make a spool file in", path_var(), errno);
	if (var >= 0)
		close(var);
	return fd;
}

int
spool_for(uint64_t size)
{
	return size > SPOOL_MEMORY_MAX ? spool_disk() : spool_memory();
}

int
spool_seal(int fd)
{
	int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	/* a file on disk: EINVAL, or EPERM where the disk is a tmpfs */
	return fcntl(fd, F_ADD_SEALS, seals) == 0 || errno == EINVAL ||
	    errno == EPERM;
}

int64_t
spool_size(int fd)
{
	struct stat st;
	return fstat(fd, &st) < 0 ? -1 : (int64_t)st.st_size;
}

int
spool_copy(int from, size_t at, int to)
{
	char piece[65536];
	for (;;) {
		ssize_t r = pread(from, piece, sizeof piece, (off_t)at);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r == 0;
		if (!file_write(to, piece, (size_t)r))
			return 0;
		at += (size_t)r;
	}
}

bool
spool_view_open(struct spool_view *v, int fd)
{
	int64_t size = spool_size(fd);
	if (size <= 0)
		return false;
	v->len = (size_t)size;
	v->s = mmap(NULL, v->len, PROT_READ, MAP_PRIVATE, fd, 0);
	return v->s != MAP_FAILED;
}

void
spool_view_close(struct spool_view *v)
{
	munmap(v->s, v->len);
}

/* Gives back what has been looked at, so that a large message does not stay in
 * the session's memory. */
static void
view_forget(struct spool_view const *v, size_t upto)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	(void)madvise(v->s, upto - upto % page, MADV_DONTNEED);
}

static bool
same_octets(struct spool_view const *a, size_t at_a, struct spool_view const *b,
    size_t at_b)
{
	size_t left = a->len - at_a;
	if (left != b->len - at_b)
		return false;
	while (left) {
		size_t n = left < COMPARE_PIECE ? left : COMPARE_PIECE;
		if (memcmp(a->s + at_a, b->s + at_b, n) != 0)
			return false;
		at_a += n;
		at_b += n;
		left -= n;
		view_forget(a, at_a);
		view_forget(b, at_b);
	}
	return true;
}

bool
spool_same_body(int a, int b)
{
	struct spool_view va;
	struct spool_view vb;
	if (!spool_view_open(&va, a))
		return false;
	if (!spool_view_open(&vb, b)) {
		spool_view_close(&va);
		return false;
	}
	bool same = message_has_blank_line(va.s, va.len) ==
	        message_has_blank_line(vb.s, vb.len) &&
	    same_octets(&va, message_body(va.s, va.len), &vb,
	        message_body(vb.s, vb.len));
	spool_view_close(&va);
	spool_view_close(&vb);
	return same;
}
