/* SPDX-License-Identifier: ISC */
#include "incoming.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "file.h"
#include "maildir.h"

enum { IN_MEMORY = 256 << 10 }; /* larger messages go to a file */

void
incoming_start(struct incoming *in, int dir)
{
	if (in->fd >= 0)
		close(in->fd);
	in->dir = dir;
	in->size = 0;
	in->start.len = 0;
	in->fd = -1;
	in->cr = in->raw = false;
	in->why = 0;
}

static int
open_unnamed(int dir)
{
	int fd = openat(dir, "tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	char unique[MAILDIR_NAME_MAX + 1];
	char path[MAILDIR_NAME_MAX + 8];
	maildir_unique(unique);
	snprintf(path, sizeof path, "tmp/%s", unique);
	fd = openat(dir, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		unlinkat(dir, path, 0);
	return fd;
}

static void
keep(struct incoming *in, char const *s, size_t len)
{
	if (in->why || !len)
		return;
	if (in->fd < 0 && in->start.len + len <= IN_MEMORY) {
		if (!stralloc_catb(&in->start, s, len))
			in->why = ENOMEM;
		return;
	}
	if (in->fd < 0)
		in->fd = open_unnamed(in->dir);
	if (in->fd < 0 || !file_write(in->fd, s, len))
		in->why = errno;
}

void
incoming_take(struct incoming *in, char const *s, size_t len)
{
	size_t start = 0;
	in->size += len;
	if (in->raw) {
		keep(in, s, len);
		return;
	}
	if (in->cr && len) {
		in->cr = false;
		if (s[0] != '\n')
			keep(in, "\r", 1);
	}
	while (start < len) {
		char const *cr = memchr(s + start, '\r', len - start);
		size_t end = cr ? (size_t)(cr - s) : len;
		keep(in, s + start, end - start);
		start = end;
		if (!cr)
			break;
		start++;
		if (start == len)
			in->cr = true;
		else if (s[start] != '\n')
			keep(in, "\r", 1);
	}
}

bool
incoming_end(struct incoming *in)
{
	if (in->cr)
		keep(in, "\r", 1);
	in->cr = false;
	errno = in->why;
	return !in->why;
}

ssize_t
incoming_read(struct incoming const *in, char *buf, size_t len, uint64_t at)
{
	ssize_t n;
	if (at < in->start.len) {
		if (len > in->start.len - at)
			len = in->start.len - (size_t)at;
		memcpy(buf, in->start.s + at, len);
		return (ssize_t)len;
	}
	if (in->fd < 0)
		return 0;
	do
		n = pread(in->fd, buf, len, (off_t)(at - in->start.len));
	while (n < 0 && errno == EINTR);
	return n;
}

void
incoming_free(struct incoming *in)
{
	int saved = errno;
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
	stralloc_free(&in->start);
	errno = saved;
}
