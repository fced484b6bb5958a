/* SPDX-License-Identifier: ISC */
/* Writing the file: more lines at its end, or all of it. */
#include "uidlist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"
#include "uidlist-parts.h"

#define UIDLIST_TMP "dovecot-uidlist.tmp"

static int
format_header(struct uidlist const *u, stralloc *out)
{
	char buf[64];
	int n = snprintf(buf, sizeof buf, "3 V%u N%u", (unsigned)u->validity,
	    (unsigned)u->next);
	return stralloc_catb(out, buf, (size_t)n) &&
	    stralloc_catb(out, u->header.s, u->header.len) &&
	    stralloc_append(out, '\n');
}

static int
format_record(struct uidlist const *u, struct uid_record const *r,
    stralloc *out)
{
	char buf[16];
	int n = snprintf(buf, sizeof buf, "%u ", (unsigned)r->uid);
	return stralloc_catb(out, buf, (size_t)n) &&
	    stralloc_catb(out, u->text.s + r->keys, r->keys_len) &&
	    (!r->keys_len || stralloc_append(out, ' ')) &&
	    stralloc_append(out, ':') &&
	    stralloc_catb(out, u->text.s + r->name, r->name_len) &&
	    stralloc_append(out, '\n');
}

/* Readers take a greater mtime as the sign of a new list. */
static void
raise_mtime(int fd, int old)
{
	struct stat now;
	struct stat before;
	if (old < 0 || fstat(fd, &now) < 0 || fstat(old, &before) < 0 ||
	    now.st_mtime > before.st_mtime)
		return;
	struct timespec times[2] = { now.st_atim, { before.st_mtime + 1, 0 } };
	(void)futimens(fd, times);
}

/* Puts TEXT in the file's place. */
static int
replace(struct uidlist *u, int dir, stralloc const *text)
{
	/* What somebody who died under the lock has left, or anything else. */
	unlinkat(dir, UIDLIST_TMP, 0);
	int fd = openat(dir, UIDLIST_TMP,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return 0;
	if (file_write(fd, text->s, text->len)) {
		raise_mtime(fd, u->fd);
		if (file_sync(fd) &&
		    renameat(dir, UIDLIST_TMP, dir, UIDLIST_FILE) == 0) {
			close(fd);
			return file_sync(dir);
		}
	}
	int saved = errno;
	close(fd);
	unlinkat(dir, UIDLIST_TMP, 0);
	errno = saved;
	return 0;
}

static int
new_guid(stralloc *header)
{
	unsigned char guid[16];
	if (getrandom(guid, sizeof guid, 0) != (ssize_t)sizeof guid ||
	    !stralloc_cats(header, " G"))
		return 0;
	for (size_t i = 0; i < sizeof guid; i++) {
		char hex[3];
		snprintf(hex, sizeof hex, "%02x", guid[i]);
		if (!stralloc_catb(header, hex, 2))
			return 0;
	}
	return 1;
}

/* The file as the header says, without records. */
static int
write_empty(struct uidlist *u, int dir)
{
	stralloc text = STRALLOC_ZERO;
	int ok = format_header(u, &text) && replace(u, dir, &text);
	int saved = errno;
	stralloc_free(&text);
	uidlist_clear(u);
	errno = saved;
	return ok && uidlist_load(u, dir) == 1;
}

int
uidlist_create(struct uidlist *u, int dir, uint32_t validity, uint32_t next)
{
	uidlist_clear(u);
	u->validity = validity;
	u->next = next;
	return new_guid(&u->header) && write_empty(u, dir);
}

int
uidlist_adopt(struct uidlist *u, int dir, struct uidlist const *from)
{
	char item[16];
	uidlist_clear(u);
	u->validity = from->validity;
	u->next = from->next;
	int n = snprintf(item, sizeof item, " I%u", (unsigned)from->next);
	if (!stralloc_catb(&u->header, from->header.s, from->header.len) ||
	    (!uidlist_header_number(u, 'I') &&
	        !stralloc_catb(&u->header, item, (size_t)n)) ||
	    (from->legacy && !new_guid(&u->header)))
		return 0;
	return write_empty(u, dir);
}

/* Still the file that was read, and nothing in it that was not read: a holder
 * of the lock that slept for too long has lost it to somebody else. */
static bool
is_as_read(struct uidlist const *u, int dir)
{
	struct stat mine;
	struct stat there;
	if (u->fd >= 0 && fstat(u->fd, &mine) == 0 &&
	    fstatat(dir, UIDLIST_FILE, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    mine.st_ino == there.st_ino && mine.st_dev == there.st_dev &&
	    (size_t)mine.st_size == u->on_disk)
		return true;
	errno = EAGAIN;
	return false;
}

/* A version 1 list, or one whose last line is torn, is written whole. */
static int
rewrite(struct uidlist *u, int dir, bool only_with_file)
{
	stralloc text = STRALLOC_ZERO;
	if (u->skipped) {
		errno = EAGAIN;
		return 0;
	}
	int ok = format_header(u, &text);
	for (size_t i = 0; i < u->count && ok; i++) {
		struct uid_record const *r = &u->records[i];
		bool stays = r->file || !only_with_file;
		if (stays &&
		    uidlist_find(u, u->text.s + r->name, r->name_len) == r)
			ok = format_record(u, r, &text);
	}
	ok = ok && replace(u, dir, &text);
	int saved = errno;
	stralloc_free(&text);
	uidlist_clear(u);
	errno = saved;
	return ok && uidlist_load(u, dir) == 1;
}

static int
append(struct uidlist *u)
{
	size_t end = u->on_disk;
	size_t written = end - u->skipped;
	if (lseek(u->fd, (off_t)end, SEEK_SET) < 0)
		return 0;
	if (file_write(u->fd, u->text.s + written, u->text.len - written) &&
	    fdatasync(u->fd) == 0) {
		u->on_disk = u->skipped + u->text.len;
		return 1;
	}
	/* Half a line would be in the way of all who come after. */
	int saved = errno;
	(void)!ftruncate(u->fd, (off_t)end);
	errno = saved;
	return 0;
}

int
uidlist_flush(struct uidlist *u, int dir)
{
	if (!is_as_read(u, dir))
		return 0;
	return u->legacy || u->torn ? rewrite(u, dir, false) : append(u);
}

int
uidlist_compact(struct uidlist *u, int dir)
{
	return is_as_read(u, dir) && rewrite(u, dir, true);
}

int
uidlist_make_guid(struct uidlist *u, int dir)
{
	struct bytes guid;
	if (uidlist_mailbox_guid(u, &guid))
		return 1;
	return is_as_read(u, dir) && new_guid(&u->header) &&
	    rewrite(u, dir, false);
}
