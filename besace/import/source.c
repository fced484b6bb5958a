/* SPDX-License-Identifier: ISC */
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "channel.h"
#include "file.h"

enum { ANSWER_FD = 1, ANSWER_ERROR, SMALL_FILE = 64 << 20 };

static int
open_below(int base, char const *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS,
	};
	struct stat st;
	int fd = (int)syscall(SYS_openat2, base, *path ? path : ".", &how,
	    sizeof how);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

static int
answer(int channel, int fd, int why)
{
	char text[4];
	memcpy(text, &why, sizeof text);
	struct channel_field field = { text, sizeof text };
	return fd >= 0
	    ? channel_send(channel, ANSWER_FD, NULL, 0, &fd, 1)
	    : channel_send(channel, ANSWER_ERROR, &field, 1, NULL, 0);
}

int
source_serve(int channel, int const *bases, unsigned count)
{
	static struct channel_message m;
	char path[SOURCE_PATH_MAX];
	int r;
	while ((r = channel_receive(channel, &m)) > 0) {
		int fd = -1;
		errno = EPROTO;
		if (m.type < count && channel_string(&m, 0, path, sizeof path))
			fd = open_below(bases[m.type], path);
		r = answer(channel, fd, errno);
		if (fd >= 0)
			close(fd);
		if (!r)
			return 0;
	}
	return r == 0;
}

int
source_open(struct source const *s, char const *path)
{
	static struct channel_message m;
	struct channel_field field = channel_text(path);
	if (!channel_send(s->channel, (uint8_t)s->index, &field, 1, NULL, 0))
		return -1;
	int r = channel_receive(s->channel, &m);
	if (r == 0)
		errno = EPIPE;
	if (r <= 0)
		return -1;
	if (m.type == ANSWER_FD && m.fd_count == 1)
		return m.fd[0];
	errno = EPROTO;
	if (m.type == ANSWER_ERROR && m.count == 1 &&
	    m.field[0].len == sizeof errno)
		memcpy(&errno, m.field[0].s, sizeof errno);
	return -1;
}

int
source_path(stralloc *path, char const *dir, char const *name)
{
	if (!stralloc_copys(path, dir) ||
	    (*dir && !stralloc_append(path, '/')) ||
	    !stralloc_cats(path, name) || !stralloc_0(path))
		return 0;
	path->len--;
	return 1;
}

static int
open_in(struct source const *s, char const *dir, char const *name)
{
	stralloc path = STRALLOC_ZERO;
	int fd = source_path(&path, dir, name) ? source_open(s, path.s) : -1;
	int saved = errno;
	stralloc_free(&path);
	errno = saved;
	return fd;
}

int
source_slurp(struct source const *s, char const *dir, char const *name,
    stralloc *text)
{
	int fd = open_in(s, dir, name);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	int ok = file_read(fd, text, SMALL_FILE);
	int saved = errno;
	close(fd);
	errno = saved;
	return ok ? 1 : -1;
}

int
source_is_dir(struct source const *s, char const *dir, char const *name)
{
	struct stat st;
	int fd = open_in(s, dir, name);
	int yes = fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
	if (fd >= 0) {
		close(fd);
		errno = ENOTDIR;
	}
	return yes;
}

static int
by_text(void const *a, void const *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in *NAMES, sorted. */
static int
sort(stralloc *names)
{
	size_t count = 0;
	stralloc sorted = STRALLOC_ZERO;
	for (size_t i = 0; i < names->len; i++)
		count += !names->s[i];
	char **list = calloc(count + 1, sizeof *list);
	int ok = list != NULL;
	for (size_t i = 0, n = 0; ok && n < count; n++) {
		list[n] = names->s + i;
		i += strlen(names->s + i) + 1;
	}
	if (ok)
		qsort(list, count, sizeof *list, by_text);
	for (size_t n = 0; ok && n < count; n++)
		ok = stralloc_catb(&sorted, list[n], strlen(list[n]) + 1);
	free(list);
	if (ok) {
		stralloc_free(names);
		*names = sorted;
	} else {
		stralloc_free(&sorted);
	}
	return ok;
}

int
source_list(struct source const *s, char const *dir, stralloc *names)
{
	names->len = 0;
	int fd = source_open(s, dir);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	struct dirent const *e;
	int ok = 1;
	errno = 0;
	while (ok && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") != 0 &&
		    strncmp(e->d_name, "..", 2) != 0)
			ok = stralloc_catb(names, e->d_name,
			    strlen(e->d_name) + 1);
		errno = 0;
	}
	ok = ok && errno == 0;
	int saved = errno;
	closedir(d);
	errno = saved;
	return ok && sort(names);
}
