/* SPDX-License-Identifier: ISC */
#include "incoming.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "file.h"
#include "maildir.h"

enum {
	IN_MEMORY = 256 << 10, /* larger messages go to a file */
	BLOCK = 64 << 10
};

void
incoming_start(struct incoming *in, int dir)
{
	if (in->fd >= 0)
		close(in->fd);
	in->dir = dir;
	in->size = 0;
	in->start.len = in->tail.len = 0;
	in->fd = -1;
	in->cr = in->before_cr = in->raw = false;
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
flush(struct incoming *in)
{
	if (in->fd < 0)
		in->fd = open_unnamed(in->dir);
	if (in->fd < 0 || !file_write(in->fd, in->tail.s, in->tail.len))
		in->why = errno;
	in->tail.len = 0;
}

static void
keep(struct incoming *in, char const *s, size_t len)
{
	bool first =
	    !in->tail.len && in->fd < 0 && in->start.len + len <= IN_MEMORY;
	if (in->why || !len)
		return;
	if (!stralloc_catb(first ? &in->start : &in->tail, s, len))
		in->why = ENOMEM;
	else if (in->tail.len >= BLOCK)
		flush(in);
}

/* What follows a CR. A line end behind another CR stays CR LF: the two octets
 * left would be read as one line end. */
static size_t
take_behind_cr(struct incoming *in, char c)
{
	bool lf = c == '\n';
	if (!lf || in->before_cr)
		keep(in, "\r", 1);
	if (lf)
		keep(in, "\n", 1);
	in->cr = false;
	in->before_cr = !lf;
	return lf;
}

void
incoming_take(struct incoming *in, char const *s, size_t len)
{
	in->size += len;
	if (in->raw) {
		keep(in, s, len);
		return;
	}
	for (size_t i = 0; i < len;) {
		if (in->cr) {
			i += take_behind_cr(in, s[i]);
			continue;
		}
		char const *cr = memchr(s + i, '\r', len - i);
		size_t end = cr ? (size_t)(cr - s) : len;
		keep(in, s + i, end - i);
		in->before_cr = in->before_cr && end == i;
		in->cr = cr;
		i = end + in->cr;
	}
}

bool
incoming_end(struct incoming *in)
{
	if (in->cr)
		keep(in, "\r", 1);
	in->cr = false;
	if (in->tail.len && !in->why)
		flush(in);
	errno = in->why;
	return !in->why;
}

ssize_t
incoming_read(struct incoming const *in, char *buf, size_t len, uint64_t at)
{
	if (at < in->start.len) {
		if (len > in->start.len - at)
			len = in->start.len - (size_t)at;
		memcpy(buf, in->start.s + at, len);
		return (ssize_t)len;
	}
	if (in->fd < 0)
		return 0;
	return file_read_at(in->fd, buf, len, at - in->start.len);
}

void
incoming_free(struct incoming *in)
{
	int saved = errno;
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
	stralloc_free(&in->start);
	stralloc_free(&in->tail);
	errno = saved;
}
