/* SPDX-License-Identifier: ISC */
#include "marks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "array.h"
#include "file.h"

enum { MARK_MAX = MARK_NAME_MAX + 32 /* octets of a line */ };

/* Each line is a name, a blank and a word; one that is cut is none. */
static int
split_lines(struct marks *m)
{
	struct bytes rest = { m->text.s, m->text.len };
	size_t room = 0;
	while (memchr(rest.s, '\n', rest.len)) {
		struct bytes line = bytes_take_until(&rest, '\n');
		struct bytes name = bytes_take_until(&line, ' ');
		if (!line.len)
			continue;
		void *grown = array_grow(m->name, m->count, sizeof *m->name,
		    TLS_SESSIONS_MAX, &room);
		if (!grown)
			return 0;
		m->name = grown;
		m->name[m->count++] = name;
	}
	m->cut = rest.len;
	m->size = m->text.len;
	if (m->count)
		qsort(m->name, m->count, sizeof *m->name, bytes_compare);
	return 1;
}

int
marks_open(struct marks *m, int dir, char const *day)
{
	char name[TLS_SESSIONS_DAY + 8];
	*m = (struct marks){ .fd = -1 };
	snprintf(name, sizeof name, "%s.done", day);
	m->fd = openat(dir, name,
	    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    0600);
	if (m->fd >= 0 && fsync(dir) == 0 &&
	    file_read(m->fd, &m->text, MARKS_MAX) &&
	    stralloc_readyplus(&m->text, 1) && split_lines(m))
		return 1;
	int saved = errno;
	marks_close(m);
	errno = saved;
	return 0;
}

bool
marks_have(struct marks const *m, struct bytes name)
{
	return m->count &&
	    bsearch(&name, m->name, m->count, sizeof *m->name, bytes_compare);
}

/* Not all file systems can. */
int
marks_reserve(struct marks *m)
{
	size_t more = 2 * (size_t)MARK_MAX;
	if (m->size + more > MARKS_MAX) {
		errno = EFBIG;
		return 0;
	}
	return fallocate(m->fd, FALLOC_FL_KEEP_SIZE, (off_t)m->size,
	           (off_t)more) == 0 ||
	    errno == EOPNOTSUPP;
}

/* A line that a kill or a full disk cut is ended first. */
int
marks_add(struct marks *m, char const *name, char const *result, bool sync)
{
	char line[MARK_MAX];
	int n = snprintf(line, sizeof line, "%s%s %s\n", m->cut ? "\n" : "",
	    name, result);
	if (n < 0 || (size_t)n >= sizeof line) {
		errno = ENAMETOOLONG;
		return 0;
	}
	if (m->size + (size_t)n > MARKS_MAX) {
		errno = EFBIG;
		return 0;
	}
	m->cut = false;
	m->size += (size_t)n;
	return file_write(m->fd, line, (size_t)n) &&
	    (!sync || file_sync(m->fd));
}

void
marks_close(struct marks *m)
{
	if (m->fd >= 0)
		close(m->fd);
	free(m->name);
	stralloc_free(&m->text);
	*m = (struct marks){ .fd = -1 };
}
