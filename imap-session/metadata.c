/* SPDX-License-Identifier: ISC */
/* The file: the line "besace metadata 1", then for each entry a line "<octets of
 * the value> <name>", the value, and LF. Replaced as a whole, under a lock. */
#include "metadata.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "file.h"
#include "imap-word.h"
#include "lock.h"
#include "log.h"

static char const header[] = "besace metadata 1\n";

bool
metadata_is_name(char const *name, size_t len)
{
	if (len < 2 || len > METADATA_NAME_MAX || name[0] != '/' ||
	    name[len - 1] == '/')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];
		if (c < 0x20 || c >= 0x7f || c == '*' || c == '%' ||
		    (c == '/' && i && name[i - 1] == '/'))
			return false;
	}
	return true;
}

static bool
is_below(char const *name, size_t len, char const *top)
{
	size_t n = strlen(top);
	return len > n && imap_equal(name, n, top);
}

bool
metadata_is_entry(char const *name, size_t len)
{
	return metadata_is_name(name, len) &&
	    (is_below(name, len, "/private/") ||
	        is_below(name, len, "/shared/"));
}

/* "<number> " */
static bool
take_length(struct bytes *rest, size_t *n)
{
	size_t i = 0;
	*n = 0;
	for (; i < rest->len && rest->s[i] >= '0' && rest->s[i] <= '9'; i++) {
		*n = *n * 10 + (size_t)(rest->s[i] - '0');
		if (*n > METADATA_VALUE_MAX)
			return false;
	}
	if (!i || i == rest->len || rest->s[i] != ' ')
		return false;
	rest->s += i + 1;
	rest->len -= i + 1;
	return true;
}

bool
metadata_next(struct bytes *rest, struct metadata_entry *e)
{
	struct bytes r = *rest;
	size_t n;
	if (!take_length(&r, &n))
		return false;
	e->remove = false;
	e->name = bytes_take_until(&r, '\n');
	if (!metadata_is_entry(e->name.s, e->name.len) || r.len <= n ||
	    r.s[n] != '\n')
		return false;
	e->value = (struct bytes){ r.s, n };
	*rest = (struct bytes){ r.s + n + 1, r.len - n - 1 };
	return true;
}

static struct bytes
all(stralloc const *text)
{
	return (struct bytes){ text->len ? text->s : "", text->len };
}

bool
metadata_find(stralloc const *text, char const *name, struct bytes *value)
{
	struct bytes rest = all(text);
	struct metadata_entry e;
	while (metadata_next(&rest, &e)) {
		*value = e.value;
		if (bytes_are(e.name, name))
			return true;
	}
	return false;
}

static int
add(stralloc *text, struct metadata_entry const *e)
{
	char length[24];
	int n = snprintf(length, sizeof length, "%zu ", e->value.len);
	return stralloc_catb(text, length, (size_t)n) &&
	    stralloc_catb(text, e->name.s, e->name.len) &&
	    stralloc_append(text, '\n') &&
	    stralloc_catb(text, e->value.s, e->value.len) &&
	    stralloc_append(text, '\n');
}

int
metadata_edit(stralloc *text, struct metadata_entry const *e)
{
	stralloc out = STRALLOC_ZERO;
	struct bytes rest = all(text);
	struct metadata_entry old;
	int ok = 1;
	while (ok && metadata_next(&rest, &old))
		if (old.name.len != e->name.len ||
		    memcmp(old.name.s, e->name.s, e->name.len) != 0)
			ok = add(&out, &old);
	if (ok && !e->remove)
		ok = add(&out, e);
	if (!ok) {
		stralloc_free(&out);
		return 0;
	}
	stralloc_free(text);
	*text = out;
	return 1;
}

/* The entries that are whole, without the first line. */
static void
keep_whole(stralloc *text, char const *file)
{
	struct metadata_entry e;
	size_t n = sizeof header - 1;
	struct bytes rest = { "", 0 };
	bool known = text->len >= n && memcmp(text->s, header, n) == 0;
	if (known)
		rest = (struct bytes){ text->s + n, text->len - n };
	while (metadata_next(&rest, &e))
		continue;
	if (!known || rest.len)
		log_error("damaged, the rest is left out", file, EPROTO);
	size_t whole = known ? text->len - n - rest.len : 0;
	if (whole)
		memmove(text->s, text->s + n, whole);
	text->len = whole;
}

int
metadata_read(int dir, char const *file, stralloc *text)
{
	text->len = 0;
	int fd = file_open(dir, file, O_RDONLY);
	if (fd < 0)
		return errno == ENOENT;
	int ok = file_read(fd, text, METADATA_FILE_MAX);
	int saved = errno;
	close(fd);
	errno = saved;
	if (ok)
		keep_whole(text, file);
	return ok;
}

static bool
too_much(stralloc const *text)
{
	struct bytes rest = all(text);
	struct metadata_entry e;
	size_t count = 0;
	while (metadata_next(&rest, &e))
		count++;
	return count > METADATA_ENTRIES_MAX ||
	    text->len > METADATA_FILE_MAX - sizeof header;
}

static int
change(stralloc *text, struct metadata_entry const *e, size_t count)
{
	size_t before = text->len;
	for (size_t i = 0; i < count; i++)
		if (!metadata_edit(text, &e[i]))
			return 0;
	/* What makes it smaller is never too much. */
	if (text->len <= before || !too_much(text))
		return 1;
	errno = E2BIG;
	return 0;
}

/* In the lock's place, then under the file's name. */
static int
write_locked(struct lock *lock, int dir, char const *file, stralloc const *text)
{
	if (ftruncate(lock->fd, 0) < 0 || lseek(lock->fd, 0, SEEK_SET) < 0 ||
	    !file_write(lock->fd, header, sizeof header - 1) ||
	    !file_write(lock->fd, text->s, text->len) || !file_sync(lock->fd)) {
		int saved = errno;
		lock_drop(lock);
		errno = saved;
		return 0;
	}
	return lock_commit(lock, file) && file_sync(dir);
}

/* Nothing is left to write: no file. */
static int
remove_locked(struct lock *lock, int dir, char const *file)
{
	int ok =
	    (unlinkat(dir, file, 0) == 0 || errno == ENOENT) && file_sync(dir);
	int saved = errno;
	lock_drop(lock);
	errno = saved;
	return ok;
}

int
metadata_change(int dir, char const *file, struct metadata_entry const *e,
    size_t count)
{
	char name[64];
	struct lock lock;
	stralloc text = STRALLOC_ZERO;
	snprintf(name, sizeof name, "%s.lock", file);
	if (!lock_take(&lock, dir, name))
		return 0;
	int ok = metadata_read(dir, file, &text) && change(&text, e, count);
	int saved = errno;
	if (!ok)
		lock_drop(&lock);
	else if (text.len)
		ok = write_locked(&lock, dir, file, &text);
	else
		ok = remove_locked(&lock, dir, file);
	saved = ok ? 0 : saved ? saved : errno;
	stralloc_free(&text);
	errno = saved;
	return ok;
}
