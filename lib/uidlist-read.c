/* SPDX-License-Identifier: ISC */
/* Reading the file, as far as it is not known yet. */
#include "uidlist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"
#include "uidlist-parts.h"

/* Reads from where the known lines end. */
static int
read_more(struct uidlist *u, off_t size)
{
	size_t known = u->skipped + u->text.len;
	if (size > UIDLIST_MAX || (size_t)size < known)
		return uidlist_malformed();
	size_t want = (size_t)size - known;
	char *buf = malloc(want + 1);
	if (!buf)
		return 0;
	size_t got = 0;
	while (got < want) {
		ssize_t n =
		    pread(u->fd, buf + got, want - got, (off_t)(known + got));
		if (n < 0 && errno != EINTR) {
			free(buf);
			return 0;
		}
		if (n == 0)
			break;
		if (n > 0)
			got += (size_t)n;
	}
	char const *last = got ? memrchr(buf, '\n', got) : NULL;
	size_t whole = last ? (size_t)(last - buf) + 1 : 0;
	u->torn = whole < got;
	u->on_disk = known + got;
	int ok = uidlist_parse(u, buf, whole);
	free(buf);
	if (ok && !u->validity)
		return uidlist_malformed();
	return ok;
}

static int
open_list(struct uidlist *u, int dir)
{
	u->fd = file_open(dir, UIDLIST_FILE, O_RDWR);
	if (u->fd < 0 && (errno == EROFS || errno == EACCES))
		u->fd = file_open(dir, UIDLIST_FILE, O_RDONLY);
	return u->fd >= 0;
}

/* Opens the file anew unless it is the one that is open. */
static int
reopen(struct uidlist *u, int dir, struct stat *st)
{
	struct stat mine;
	if (u->fd >= 0 && fstat(u->fd, &mine) == 0 &&
	    fstatat(dir, UIDLIST_FILE, st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    mine.st_ino == st->st_ino && mine.st_dev == st->st_dev &&
	    (size_t)st->st_size >= u->skipped + u->text.len)
		return 1;
	uidlist_clear(u);
	if (!open_list(u, dir))
		return errno == ENOENT ? 0 : -1;
	return fstat(u->fd, st) == 0 ? 1 : -1;
}

int
uidlist_load(struct uidlist *u, int dir)
{
	struct stat st;
	int found = reopen(u, dir, &st);
	if (found <= 0)
		return found;
	if (u->validity && (size_t)st.st_size == u->skipped + u->text.len)
		return 1;
	return read_more(u, st.st_size) ? 1 : -1;
}

static void
note(struct uidlist_known *k, struct stat const *st)
{
	k->inode = st->st_ino;
	k->size = (uint64_t)st->st_size;
	k->mtime = st->st_mtim.tv_sec;
	k->mtime_ns = (uint32_t)st->st_mtim.tv_nsec;
}

bool
uidlist_known(struct uidlist const *u, struct uidlist_known *k)
{
	struct stat st;
	if (u->fd < 0 || !u->validity || u->legacy || u->torn ||
	    u->on_disk != u->skipped + u->text.len || fstat(u->fd, &st) < 0 ||
	    (size_t)st.st_size != u->on_disk)
		return false;
	k->validity = u->validity;
	k->next = u->next;
	note(k, &st);
	return true;
}

bool
uidlist_is_known(struct uidlist_known const *k, struct stat const *st)
{
	struct uidlist_known now;
	note(&now, st);
	return k->inode == now.inode && k->size == now.size &&
	    k->mtime == now.mtime && k->mtime_ns == now.mtime_ns;
}

static int
read_header(struct uidlist *u)
{
	char buf[UIDLIST_KEYS_MAX];
	ssize_t n = pread(u->fd, buf, sizeof buf, 0);
	char const *lf = n > 0 ? memchr(buf, '\n', (size_t)n) : NULL;
	return lf && uidlist_parse_header(u, buf, (size_t)(lf - buf));
}

int
uidlist_open_known(struct uidlist *u, int dir, struct uidlist_known const *k)
{
	struct stat st;
	uidlist_clear(u);
	if (open_list(u, dir) && fstat(u->fd, &st) == 0 &&
	    uidlist_is_known(k, &st) && read_header(u) &&
	    u->validity == k->validity && !u->legacy) {
		u->next = k->next;
		u->skipped = u->on_disk = (size_t)k->size;
		return 1;
	}
	uidlist_clear(u);
	return 0;
}
