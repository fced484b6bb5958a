/* SPDX-License-Identifier: ISC */
#include "content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"
#include "maildir.h"

enum {
	FIRST_READ = 8 << 10, /* holds most headers */
	STEP = 32 << 10       /* octets that are sent at once */
};

/* --- the window ----------------------------------------------------------- */

void
content_open(struct content *c, int fd)
{
	c->fd = fd;
	c->at = 0;
	c->len = 0;
	c->ends = false;
}

void
content_free(struct content *c)
{
	free(c->window);
	c->window = NULL;
	c->len = 0;
}

static bool
is_in_window(struct content const *c, uint64_t at)
{
	return at >= c->at && (at < c->at + c->len || (c->ends && c->len));
}

/* Behind the window is room for what is sent. */
static bool
make_window(struct content *c)
{
	if (!c->window)
		c->window = malloc(CONTENT_WINDOW + 2 * STEP);
	return c->window;
}

/* Octets there are at AT in memory; when there were none, up to WANT are read. 0
 * at the end; -1 with errno. */
static ssize_t
piece(struct content *c, uint64_t at, size_t want, char const **s)
{
	if (!is_in_window(c, at)) {
		if (!make_window(c))
			return -1;
		ssize_t n = file_read_at(c->fd, c->window, want, at);
		if (n < 0)
			return -1;
		c->at = at;
		c->len = (size_t)n;
		c->ends = (size_t)n < want;
	}
	if (at >= c->at + c->len)
		return 0;
	*s = c->window + (at - c->at);
	return (ssize_t)(c->at + c->len - at);
}

/* --- as it is sent -------------------------------------------------------- */

/* Takes from S what fits into *LEFT octets as sent, and appends them to TO
 * unless it is NULL. The number of octets of S used. */
static size_t
convert(char **to, struct place *p, char const *s, size_t len, uint64_t *left)
{
	char const *from = s;
	char const *end = s + len;
	char *out = to ? *to : NULL;
	uint64_t room = *left;
	while (s < end && room) {
		char const *lf = memchr(s, '\n', (size_t)(end - s));
		size_t n = (size_t)((lf ? lf : end) - s);
		if (n > room) {
			n = (size_t)room;
			lf = NULL;
		}
		if (out && n) {
			memcpy(out, s, n);
			out += n;
		}
		if (n)
			p->after_cr = s[n - 1] == '\r';
		s += n;
		room -= n;
		if (!lf)
			continue;
		if (room && !p->after_cr) {
			if (out)
				*out++ = '\r';
			p->after_cr = true;
			room--;
		}
		if (!room)
			break;
		if (out)
			*out++ = '\n';
		p->after_cr = false;
		room--;
		s++;
	}
	p->wire += *left - room;
	*left = room;
	if (to)
		*to = out;
	return (size_t)(s - from);
}

int
content_skip(struct content *c, struct place *p, uint64_t count, uint64_t end)
{
	while (count && p->raw < end) {
		char const *s;
		ssize_t n = piece(c, p->raw, CONTENT_WINDOW, &s);
		if (n <= 0)
			return n == 0;
		if ((uint64_t)n > end - p->raw)
			n = (ssize_t)(end - p->raw);
		p->raw += convert(NULL, p, s, (size_t)n, &count);
	}
	return 1;
}

static void
put_without_nul(struct wire *w, char *s, size_t len)
{
	char *nul = s;
	while ((nul = memchr(nul, 0, (size_t)(s + len - nul))))
		*nul = (char)0x80;
	wire_put(w, s, len);
}

void
content_send(struct wire *w, struct content *c, struct place *p, uint64_t count)
{
	while (count && !w->failed) {
		char const *s;
		ssize_t n = piece(c, p->raw, CONTENT_WINDOW, &s);
		if (n <= 0) {
			w->failed = true;
			return;
		}
		char *block = c->window + CONTENT_WINDOW;
		char *out = block;
		size_t step = (size_t)n < STEP ? (size_t)n : STEP;
		p->raw += convert(&out, p, s, step, &count);
		put_without_nul(w, block, (size_t)(out - block));
	}
}

/* --- as it is stored ------------------------------------------------------ */

int
content_parse(struct content *c, struct mime *m, bool header_only)
{
	uint64_t at = 0;
	ssize_t n;
	char const *s;
	size_t want = header_only ? FIRST_READ : CONTENT_WINDOW;
	mime_start(m, header_only);
	while ((n = piece(c, at, want, &s)) > 0) {
		if (!mime_feed(m, s, (size_t)n))
			break;
		at += (uint64_t)n;
		want = CONTENT_WINDOW;
	}
	if (n < 0)
		return 0;
	errno = ENOMEM;
	return mime_finish(m);
}

int
content_copy(struct content *c, uint64_t from, uint64_t to, size_t max,
    stralloc *out)
{
	size_t want = to - from < max ? (size_t)(to - from) : max;
	out->len = 0;
	while (out->len < want) {
		char const *s;
		ssize_t n = piece(c, from + out->len, CONTENT_WINDOW, &s);
		if (n <= 0)
			return n == 0;
		size_t left = want - out->len;
		if (!stralloc_catb(out, s, (size_t)n < left ? (size_t)n : left))
			return 0;
	}
	return 1;
}

int
content_read(int fd, uint64_t from, uint64_t to, size_t max, stralloc *out)
{
	size_t want = to - from < max ? (size_t)(to - from) : max;
	out->len = 0;
	if (!stralloc_ready(out, want + 1))
		return 0;
	while (out->len < want) {
		ssize_t n = file_read_at(fd, out->s + out->len, want - out->len,
		    from + out->len);
		if (n < 0)
			return 0;
		if (n == 0)
			break;
		out->len += (size_t)n;
	}
	return 1;
}

/* --- RFC822.SIZE ---------------------------------------------------------- */

int
content_count(struct content *c, uint64_t *size)
{
	struct place p = { 0, 0, false };
	int ok = content_skip(c, &p, UINT64_MAX, UINT64_MAX);
	*size = p.wire;
	return ok;
}

bool
content_size_by_name(struct mailbox *b, struct message const *m, uint64_t *size)
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
	struct content c = { .fd = fd };
	int ok = content_count(&c, size);
	int saved = errno;
	content_free(&c);
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
		mailbox_learn_size(b, m, *size);
	return 1;
}
