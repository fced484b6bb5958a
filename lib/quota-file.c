/* SPDX-License-Identifier: ISC */
#include "quota-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "maildir.h"
#include "monotonic.h"
#include "quota-count.h"

enum {
	COUNT_TRIES = 3,
	PAUSE = 10, /* milliseconds: a tick of the clock that files get their
	             * times from */
	TURN = 2000 /* milliseconds that others are waited for */
};

/* --- turns ------------------------------------------------------------------ */

/* Takes the lock, LOCK_SH or LOCK_EX, or changes it; goes on without when others
 * keep it, at once where the file system has none. */
static void
take_turn(struct quota *q, int how)
{
	struct timespec pause = { 0, 1000000L };
	int64_t end = monotonic_ms() + TURN;
	if (q->turn < 0)
		q->turn =
		    openat(q->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (q->turn < 0)
		return;
	while (flock(q->turn, how | LOCK_NB) < 0 &&
	    (errno == EWOULDBLOCK || errno == EINTR) && monotonic_ms() < end)
		nanosleep(&pause, NULL);
}

static void
end_turn(struct quota *q)
{
	if (q->turn >= 0)
		close(q->turn);
	q->turn = -1;
	q->shared = false;
}

/* --- the file --------------------------------------------------------------- */

static void
complain(struct quota const *q, char const *what)
{
	log_event("error", "what", what, "object", QUOTA_FILE, "mailbox",
	    q->name, "reason", strerror(errno), (char *)NULL);
}

/* What cannot be kept right is not kept. */
static void
drop(struct quota const *q)
{
	if (unlinkat(q->root, QUOTA_FILE, 0) < 0 && errno != ENOENT)
		complain(q, "remove");
}

static void
forget_file(struct quota *q)
{
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
}

/* The first LEN octets, or all of at most QUOTA_SIZE_MAX. */
static int
read_sums(struct quota *q, size_t len, struct quota_sums *sums)
{
	char text[QUOTA_SIZE_MAX + 1];
	size_t have = 0;
	if (len > sizeof text)
		len = sizeof text;
	while (have < len) {
		ssize_t r = pread(q->fd, text + have, len - have, (off_t)have);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return 0;
		if (r == 0)
			break;
		have += (size_t)r;
	}
	return have <= QUOTA_SIZE_MAX && quota_sums_parse(text, have, sums);
}

static bool
same_limit(struct quota_limit const *a, struct quota_limit const *b)
{
	return a->bytes == b->bytes && a->messages == b->messages;
}

static bool
is_fresh(int fd)
{
	struct stat st;
	time_t now = time(NULL); /* a time to come is of a wrong clock */
	return fstat(fd, &st) == 0 && st.st_mtime <= now &&
	    st.st_mtime + QUOTA_FRESH >= now;
}

static int
usable(struct quota *q)
{
	struct quota_sums sums;
	if (!read_sums(q, SIZE_MAX, &sums))
		return 0;
	if (!quota_limit_is_any(&q->limit))
		return 1;
	if (!same_limit(&sums.limit, &q->limit))
		return 0;
	q->used = sums.used;
	q->certain = sums.lines == 1 && is_fresh(q->fd);
	return 1;
}

static void
begin(struct quota *q, int root, char const *name,
    struct quota_limit const *limit)
{
	memset(q, 0, sizeof *q);
	q->root = root;
	q->name = name;
	q->limit = *limit;
	q->fd = q->turn = -1;
}

/* 1 usable; 0 not there; -1 there, and not usable. */
static int
open_file(struct quota *q, int flags)
{
	q->fd = file_open(q->root, QUOTA_FILE, flags);
	if (q->fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (usable(q))
		return 1;
	forget_file(q);
	return -1;
}

int
quota_look(struct quota *q, int root, char const *name,
    struct quota_limit const *limit)
{
	begin(q, root, name, limit);
	return quota_limit_is_any(limit) && open_file(q, O_RDONLY) > 0;
}

/* --- counting --------------------------------------------------------------- */

/* How much has to be known of what is used. */
enum wanted {
	KNOWN,   /* by a file that is in order */
	CERTAIN, /* by one that is just counted */
	COUNTED  /* by us, now */
};

static int
count(struct quota *q, bool *stable)
{
	struct timespec pause = { 0, PAUSE * 1000000L };
	*stable = false;
	for (int i = 0; i < COUNT_TRIES && !*stable; i++) {
		if (i)
			nanosleep(&pause, NULL);
		if (!quota_count(q->root, &q->used, stable))
			return 0;
	}
	q->certain = true;
	return 1;
}

/* A new file below tmp/, where it is swept if we die. */
static int
make_file(struct quota *q, char path[MAILDIR_NAME_MAX + 5])
{
	char unique[MAILDIR_NAME_MAX + 1];
	char text[2 * QUOTA_TEXT];
	maildir_unique(unique);
	snprintf(path, MAILDIR_NAME_MAX + 5, "tmp/%s", unique);
	q->fd = openat(q->root, path,
	    O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (q->fd < 0)
		return 0;
	size_t n = quota_limit_format(&q->limit, text);
	text[n++] = '\n';
	n += quota_line_format((int64_t)q->used.bytes,
	    (int64_t)q->used.messages, text + n);
	return file_write(q->fd, text, n);
}

/* Not synced: it is counted anew if a crash leaves it in pieces. */
static int
write_file(struct quota *q)
{
	char path[MAILDIR_NAME_MAX + 5];
	int ok = make_file(q, path) &&
	    renameat(q->root, path, q->root, QUOTA_FILE) == 0;
	int saved = errno;
	if (!ok && q->fd >= 0)
		unlinkat(q->root, path, 0);
	if (!ok)
		forget_file(q);
	errno = saved;
	return ok;
}

static int
count_anew(struct quota *q)
{
	bool stable;
	if (!count(q, &stable))
		return 0;
	if (!stable) /* under way; our own change is not noted either */
		drop(q);
	else if (!write_file(q))
		complain(q, "write");
	return 1;
}

/* Unless another has just done as much as is wanted. */
static int
count_in_turn(struct quota *q, enum wanted wanted)
{
	forget_file(q);
	take_turn(q, LOCK_EX);
	bool known = wanted != COUNTED && open_file(q, O_RDWR | O_APPEND) > 0 &&
	    (wanted == KNOWN || q->certain);
	if (!known)
		forget_file(q);
	int ok = known || count_anew(q);
	int saved = errno;
	if (q->shared)
		take_turn(q, LOCK_SH);
	else
		end_turn(q);
	errno = saved;
	return ok;
}

int
quota_recount(struct quota *q)
{
	return count_in_turn(q, COUNTED);
}

int
quota_open(struct quota *q, int root, char const *name,
    struct quota_limit const *limit)
{
	begin(q, root, name, limit);
	int found = open_file(q, O_RDWR | O_APPEND);
	if (found > 0)
		return 1;
	if (quota_limit_is_any(limit))
		return count_in_turn(q, KNOWN);
	if (found < 0)
		drop(q);
	return 1;
}

int
quota_room(struct quota *q, uint64_t bytes, uint64_t messages, uint64_t grace)
{
	if (!quota_limit_is_any(&q->limit) ||
	    quota_has_room(&q->limit, &q->used, bytes, messages, grace))
		return 1;
	if (q->certain)
		return 0;
	if (!count_in_turn(q, CERTAIN))
		return -1;
	return quota_has_room(&q->limit, &q->used, bytes, messages, grace);
}

/* --- changes ---------------------------------------------------------------- */

static uint64_t
moved(uint64_t n, int64_t by)
{
	if (by < 0)
		return n > (uint64_t)-by ? n - (uint64_t)-by : 0;
	return n + (uint64_t)by;
}

/* Where the line ended: who was before it stands before that. */
static off_t
append(struct quota *q, int64_t bytes, int64_t messages)
{
	char line[QUOTA_TEXT];
	size_t n = quota_line_format(bytes, messages, line);
	ssize_t w;
	do
		w = write(q->fd, line, n);
	while (w < 0 && errno == EINTR);
	if (w >= 0 && (size_t)w < n)
		errno = ENOSPC;
	return w == (ssize_t)n ? lseek(q->fd, 0, SEEK_CUR) : -1;
}

void
quota_change(struct quota *q, int64_t bytes, int64_t messages)
{
	struct quota_sums sums;
	if (!bytes && !messages)
		return;
	q->used.bytes = moved(q->used.bytes, bytes);
	q->used.messages = moved(q->used.messages, messages);
	q->certain = false;
	if (q->fd < 0)
		return;
	off_t end = append(q, bytes, messages);
	if (end < 0) {
		complain(q, "append to");
		drop(q);
		forget_file(q);
		return;
	}
	q->changed = true;
	if (quota_limit_is_any(&q->limit) && read_sums(q, (size_t)end, &sums))
		q->used = sums.used;
}

static bool
in_place(struct quota const *q)
{
	struct stat mine, there;
	if (fstatat(q->root, QUOTA_FILE, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	return fstat(q->fd, &mine) == 0 && mine.st_ino == there.st_ino &&
	    mine.st_dev == there.st_dev;
}

/* From here to quota_close nobody counts; in the file that is there now. */
static void
share_turn(struct quota *q)
{
	q->shared = true;
	for (int i = 0; i < COUNT_TRIES; i++) {
		take_turn(q, LOCK_SH);
		if (q->fd >= 0 && in_place(q))
			return;
		forget_file(q);
		if (open_file(q, O_RDWR | O_APPEND) > 0 ||
		    !count_in_turn(q, KNOWN))
			return;
	}
}

int
quota_take(struct quota *q, uint64_t bytes, uint64_t messages, uint64_t grace)
{
	if (quota_limit_is_any(&q->limit))
		share_turn(q);
	quota_change(q, (int64_t)bytes, (int64_t)messages);
	if (!quota_limit_is_any(&q->limit))
		return 1;
	struct quota_usage before = {
		moved(q->used.bytes, -(int64_t)bytes),
		moved(q->used.messages, -(int64_t)messages),
	};
	if (quota_has_room(&q->limit, &before, bytes, messages, grace))
		return 1;
	quota_change(q, -(int64_t)bytes, -(int64_t)messages);
	return 0;
}

void
quota_close(struct quota *q)
{
	int saved = errno;
	if (q->fd >= 0 && q->changed && !in_place(q))
		drop(q);
	forget_file(q);
	end_turn(q);
	errno = saved;
}
