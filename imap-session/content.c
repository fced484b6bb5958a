/* SPDX-License-Identifier: ISC */
#include "content.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "maildir.h"

enum { BLOCK = 32 << 10 };

static ssize_t
read_at(int fd, char *buf, size_t len, uint64_t at)
{
	ssize_t n;
	do
		n = pread(fd, buf, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n;
}

static void
put_text(struct wire *w, char const *s, size_t len)
{
	while (len) {
		char const *nul = memchr(s, 0, len);
		size_t n = nul ? (size_t)(nul - s) : len;
		wire_put(w, s, n);
		if (nul) {
			wire_put(w, "\x80", 1);
			n++;
		}
		s += n;
		len -= n;
	}
}

/* Takes from S what fits into *LEFT octets as sent; to W unless it is NULL. The
 * number of octets of S used. */
static size_t
convert(struct wire *w, struct place *p, char const *s, size_t len,
    uint64_t *left)
{
	size_t i = 0;
	while (i < len && *left) {
		if (s[i] == '\n') {
			if (!p->after_cr) {
				if (w)
					wire_put(w, "\r", 1);
				p->after_cr = true;
				p->wire++;
				--*left;
				continue;
			}
			if (w)
				wire_put(w, "\n", 1);
			p->after_cr = false;
			p->wire++;
			--*left;
			i++;
			continue;
		}
		char const *lf = memchr(s + i, '\n', len - i);
		size_t n = lf ? (size_t)(lf - s) - i : len - i;
		if (n > *left)
			n = (size_t)*left;
		if (w)
			put_text(w, s + i, n);
		i += n;
		p->wire += n;
		*left -= n;
		p->after_cr = s[i - 1] == '\r';
	}
	return i;
}

static int
go_on(struct wire *w, int fd, struct place *p, uint64_t *left, uint64_t end)
{
	char buf[BLOCK];
	while (*left && p->raw < end) {
		size_t want =
		    end - p->raw < BLOCK ? (size_t)(end - p->raw) : BLOCK;
		ssize_t n = read_at(fd, buf, want, p->raw);
		if (n < 0)
			return 0;
		if (n == 0)
			return 1;
		p->raw += convert(w, p, buf, (size_t)n, left);
		if (w && w->failed)
			return 1;
	}
	return 1;
}

int
content_skip(int fd, struct place *p, uint64_t count, uint64_t end)
{
	return go_on(NULL, fd, p, &count, end);
}

void
content_send(struct wire *w, int fd, struct place *p, uint64_t count)
{
	if (!go_on(w, fd, p, &count, UINT64_MAX) || count)
		w->failed = true;
}

int
content_parse(int fd, struct mime *m, bool header_only)
{
	char buf[BLOCK];
	uint64_t at = 0;
	ssize_t n;
	mime_start(m, header_only);
	while (
	    (n = read_at(fd, buf, header_only && !at ? 4096 : BLOCK, at)) > 0) {
		if (!mime_feed(m, buf, (size_t)n))
			break;
		at += (uint64_t)n;
	}
	if (n < 0)
		return 0;
	errno = ENOMEM;
	return mime_finish(m);
}

int
content_read(int fd, uint64_t from, uint64_t to, size_t max, stralloc *out)
{
	size_t want = to - from < max ? (size_t)(to - from) : max;
	out->len = 0;
	if (!stralloc_ready(out, want + 1))
		return 0;
	while (out->len < want) {
		ssize_t n = read_at(fd, out->s + out->len, want - out->len,
		    from + out->len);
		if (n < 0)
			return 0;
		if (n == 0)
			break;
		out->len += (size_t)n;
	}
	return 1;
}

int
content_count(int fd, uint64_t *size)
{
	struct place p = { 0, 0, false };
	int ok = content_skip(fd, &p, UINT64_MAX, UINT64_MAX);
	*size = p.wire;
	return ok;
}

bool
content_size_by_name(struct mailbox const *b, struct message const *m,
    uint64_t *size)
{
	char path[FOLDER_NAME_MAX + 8];
	struct stat st;
	uint64_t stored;
	char const *name = mailbox_name(b, m);
	if (m->gone || !maildir_name_field(name, m->base, 'S', &stored) ||
	    !maildir_name_field(name, m->base, 'W', size) || *size < stored)
		return false;
	mailbox_path(b, m, path);
	return fstatat(b->dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (uint64_t)st.st_size == stored;
}

static int
count_file(struct mailbox *b, struct message *m, uint64_t *size)
{
	int fd = mailbox_open_message(b, m);
	if (fd < 0)
		return 0;
	int ok = content_count(fd, size);
	int saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

int
content_size(struct mailbox *b, struct message *m, uint64_t *size)
{
	*size = m->size;
	if (m->size)
		return 1;
	uint32_t uid = m->uid;
	if (!content_size_by_name(b, m, size) && !count_file(b, m, size))
		return 0;
	m = mailbox_find(b, uid);
	if (m)
		m->size = *size;
	return 1;
}
