/* SPDX-License-Identifier: ISC */
/* Version 2: the line "V" TAB "2", an empty line, then a folder a line with TAB
 * between the levels; TAB, LF, CR, NUL and 0x01 inside a level are 0x01 and one
 * of "tnr01". Version 1: a folder a line with '.' between the levels. A file
 * keeps its version; a new one has version 2. Changed by writing
 * "subscriptions.lock" and renaming it over the file. */
#include "subscriptions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"

#define FILE_NAME "subscriptions"
#define LOCK_NAME "subscriptions.lock"

enum {
	FILE_MAX = 1 << 20,
	LOCK_TRIES = 50,  /* with a pause of LOCK_PAUSE between them */
	LOCK_PAUSE = 100, /* milliseconds */
	LOCK_STALE = 120  /* seconds without a change: its maker is dead */
};

static char const header[] = "V\t2\n\n";

static int
read_file(int rootfd, stralloc *text)
{
	text->len = 0;
	int fd = file_open(rootfd, FILE_NAME, O_RDONLY);
	if (fd < 0)
		return errno == ENOENT &&
		    stralloc_copyb(text, header, sizeof header - 1);
	int ok = file_read(fd, text, FILE_MAX);
	int saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

static bool
is_version_2(stralloc const *text)
{
	return text->len >= sizeof header - 1 &&
	    memcmp(text->s, header, sizeof header - 1) == 0;
}

/* The line at *POS without its LF; false at the end. A last line without LF
 * counts, as no writer appends. */
static bool
next_line(stralloc const *text, size_t *pos, char const **line, size_t *len)
{
	if (*pos >= text->len)
		return false;
	*line = text->s + *pos;
	char const *lf = memchr(*line, '\n', text->len - *pos);
	*len = lf ? (size_t)(lf - *line) : text->len - *pos;
	*pos += *len + (lf != NULL);
	return true;
}

/* A line as a name. A level with a byte in it that stands for something else
 * between or inside our names ('.', control) cannot be a Maildir++ folder. */
static bool
is_line_name(char const *line, size_t len, bool version_2)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];
		if (c == '\t' ? !version_2 : c < 0x20)
			return false;
		if (c == '.' && version_2)
			return false;
	}
	return len > 0;
}

static int
put_name(stralloc *name, char const *line, size_t len, bool version_2)
{
	size_t start = name->len;
	if (!stralloc_catb(name, line, len))
		return 0;
	for (size_t i = start; version_2 && i < name->len; i++)
		if (name->s[i] == '\t')
			name->s[i] = '.';
	return 1;
}

int
subscriptions_parse(stralloc const *text, stralloc *names)
{
	char const *line;
	size_t len;
	bool version_2 = is_version_2(text);
	size_t pos = version_2 ? sizeof header - 1 : 0;
	int ok = 1;
	names->len = 0;
	while (ok && next_line(text, &pos, &line, &len))
		if (is_line_name(line, len, version_2))
			ok = put_name(names, line, len, version_2) &&
			    stralloc_append(names, '\n');
	return ok;
}

int
subscriptions_read(int rootfd, stralloc *names)
{
	stralloc text = STRALLOC_ZERO;
	names->len = 0;
	int ok = read_file(rootfd, &text) && subscriptions_parse(&text, names);
	stralloc_free(&text);
	return ok;
}

/* NAME as a line of the file. */
static int
encode(stralloc *line, char const *name, bool version_2)
{
	line->len = 0;
	for (char const *p = name; *p; p++) {
		if ((unsigned char)*p < 0x20) {
			errno = EINVAL;
			return 0;
		}
		if (!stralloc_append(line, *p == '.' && version_2 ? '\t' : *p))
			return 0;
	}
	errno = EINVAL;
	return line->len > 0 && stralloc_append(line, '\n');
}

/* NEW becomes TEXT without the line WANTED, or with it once. *CHANGED tells
 * whether that is another text. */
static int
edit(stralloc *new, stralloc const *text, stralloc const *wanted, bool add,
    bool *changed)
{
	char const *line;
	size_t pos = 0, len;
	bool seen = false;
	new->len = 0;
	*changed = false;
	while (next_line(text, &pos, &line, &len)) {
		bool same =
		    len == wanted->len - 1 && memcmp(line, wanted->s, len) == 0;
		if (same && (seen || !add)) {
			*changed = true;
			continue;
		}
		seen = seen || same;
		if (!stralloc_catb(new, line, len) ||
		    !stralloc_append(new, '\n'))
			return 0;
	}
	if (!add || seen)
		return 1;
	*changed = true;
	return stralloc_cat(new, wanted);
}

/* Removes it when it is old. False with errno: it is no lock, and stays. */
static bool
drop_stale_lock(int rootfd)
{
	struct stat st;
	if (fstatat(rootfd, LOCK_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	if (!S_ISREG(st.st_mode)) {
		errno = EEXIST;
		return false;
	}
	if (st.st_mtime < time(NULL) - LOCK_STALE)
		unlinkat(rootfd, LOCK_NAME, 0);
	return true;
}

static int
take_lock(int rootfd)
{
	struct timespec pause = { 0, LOCK_PAUSE * 1000000L };
	for (int i = 0; i < LOCK_TRIES; i++) {
		int fd = openat(rootfd, LOCK_NAME,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
		if (!drop_stale_lock(rootfd))
			return -1;
		nanosleep(&pause, NULL);
	}
	errno = EAGAIN;
	return -1;
}

static int
write_changed(int rootfd, int lockfd, stralloc const *text)
{
	return file_write(lockfd, text->s, text->len) && file_sync(lockfd) &&
	    renameat(rootfd, LOCK_NAME, rootfd, FILE_NAME) == 0 &&
	    file_sync(rootfd);
}

static int
change_locked(int rootfd, int lockfd, char const *name, bool add)
{
	stralloc text = STRALLOC_ZERO, line = STRALLOC_ZERO;
	stralloc new = STRALLOC_ZERO;
	bool changed = false;
	int ok = read_file(rootfd, &text) &&
	    encode(&line, name, is_version_2(&text)) &&
	    edit(&new, &text, &line, add, &changed) &&
	    (!changed || write_changed(rootfd, lockfd, &new));
	int saved = errno;
	if (!ok || !changed)
		unlinkat(rootfd, LOCK_NAME, 0);
	stralloc_free(&text);
	stralloc_free(&line);
	stralloc_free(&new);
	errno = saved;
	return ok;
}

int
subscriptions_change(int rootfd, char const *name, bool subscribed)
{
	int lockfd = take_lock(rootfd);
	if (lockfd < 0)
		return 0;
	int ok = change_locked(rootfd, lockfd, name, subscribed);
	int saved = errno;
	close(lockfd);
	errno = saved;
	return ok;
}
