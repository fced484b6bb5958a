/* SPDX-License-Identifier: ISC */
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "maildir.h"
#include "path.h"

enum { READ_SIZE = 65536 };

char const *const queue_directories[] = { "queue", "queue/tmp", "queue/new",
	"queue/deferred", "queue/hold", "queue/corrupt", NULL };

int
queue_open(void)
{
	stralloc path = STRALLOC_ZERO;
	int fd = -1;
	if (path_join(&path, path_var(), "queue"))
		fd = open(path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int saved = errno;
	stralloc_free(&path);
	errno = saved;
	return fd;
}

int
queue_sync(int queue, enum queue_box box)
{
	int fd = openat(queue, queue_box_name(box),
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	int ok = file_sync(fd);
	int saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

/* --- writing ---------------------------------------------------------------- */

/* What becomes a file in tmp/. */
struct draft {
	int queue;
	int fd;
	char id[UID_MAX];
	char path[QUEUE_NAME_MAX];
};

static int
draft_begin(struct draft *d, int queue)
{
	d->queue = queue;
	d->fd = -1;
	if (!uid_new(d->id))
		return 0;
	snprintf(d->path, sizeof d->path, "tmp/%s", d->id);
	d->fd = openat(queue, d->path,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return d->fd >= 0;
}

/* errno is kept. */
static void
draft_remove(struct draft *d)
{
	int saved = errno;
	if (d->fd >= 0) {
		unlinkat(d->queue, d->path, 0);
		close(d->fd);
	}
	errno = saved;
}

/* The lines of the entry; *LEN is how long they are. */
static int
write_head(int fd, struct queue_entry const *e, uint64_t *len)
{
	stralloc head = STRALLOC_ZERO;
	int ok = queue_entry_format(e, &head);
	if (ok && head.len > QUEUE_HEAD_MAX) {
		errno = E2BIG;
		ok = 0;
	}
	ok = ok && file_write(fd, head.s, head.len);
	int saved = errno;
	*len = head.len;
	stralloc_free(&head);
	errno = saved;
	return ok;
}

int
queue_write(struct queue_new *n, int queue, struct queue_entry const *e,
    struct iovec const *iov, int count)
{
	struct draft d;
	uint64_t len;
	*n = (struct queue_new){ .queue = queue, .state = QUEUE_NEW_NONE };
	int ok = draft_begin(&d, queue) && write_head(d.fd, e, &len);
	for (int i = 0; ok && i < count; i++)
		ok = file_write(d.fd, iov[i].iov_base, iov[i].iov_len);
	if (!ok || !file_sync(d.fd) || !file_close(d.fd)) {
		draft_remove(&d);
		return 0;
	}
	n->state = QUEUE_NEW_TMP;
	memcpy(n->id, d.id, sizeof d.id);
	return 1;
}

/* rename(2) that fails with EEXIST where something is. Ids are unique: only a
 * file system without such a rename (NFS) does it as others do. */
static int
rename_new(int queue, char const *from, char const *to)
{
	if (renameat2(queue, from, queue, to, RENAME_NOREPLACE) == 0)
		return 1;
	return (errno == EINVAL || errno == ENOSYS) &&
	    renameat(queue, from, queue, to) == 0;
}

int
queue_commit(struct queue_new *n)
{
	char from[QUEUE_NAME_MAX + 4];
	struct queue_name to;
	snprintf(from, sizeof from, "tmp/%s", n->id);
	queue_name_make(&to, QUEUE_NEW, 0, n->id);
	if (!rename_new(n->queue, from, to.path))
		return 0;
	n->state = QUEUE_NEW_VISIBLE;
	return 1;
}

void
queue_abandon(struct queue_new *n)
{
	int saved = errno;
	char path[QUEUE_NAME_MAX + 4];
	snprintf(path, sizeof path, "%s/%s",
	    n->state == QUEUE_NEW_TMP ? "tmp" : queue_box_name(QUEUE_NEW),
	    n->id);
	if (n->state != QUEUE_NEW_NONE)
		unlinkat(n->queue, path, 0);
	n->state = QUEUE_NEW_NONE;
	errno = saved;
}

/* --- opening ---------------------------------------------------------------- */

void
queue_file_close(struct queue_file *f)
{
	int saved = errno;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	queue_entry_free(&f->entry);
	errno = saved;
}

/* Whether F's name is still the file that F has open. 1, 0, -1 with errno. */
static int
is_current(struct queue_file const *f)
{
	struct stat open, named;
	if (fstat(f->fd, &open) < 0)
		return -1;
	if (fstatat(f->queue, f->name.path, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	return open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

static enum queue_result
lock(int fd, enum queue_lock how)
{
	if (how == QUEUE_LOOK)
		return QUEUE_OK;
	int r;
	do
		r = flock(fd, how == QUEUE_TRY ? LOCK_EX | LOCK_NB : LOCK_EX);
	while (r < 0 && errno == EINTR);
	if (r == 0)
		return QUEUE_OK;
	return errno == EWOULDBLOCK ? QUEUE_BUSY : QUEUE_ERROR;
}

/* Opens the file that has the name when the lock is there: while we waited for
 * it, a new state may have taken the old one's place. */
static enum queue_result
open_locked(struct queue_file *f, enum queue_lock how)
{
	for (;;) {
		f->fd = file_open(f->queue, f->name.path, O_RDONLY);
		if (f->fd < 0)
			return errno == ENOENT ? QUEUE_GONE : QUEUE_ERROR;
		enum queue_result r = lock(f->fd, how);
		int current =
		    r == QUEUE_OK && how != QUEUE_LOOK ? is_current(f) : 1;
		if (r == QUEUE_OK && current > 0)
			return r;
		queue_file_close(f);
		if (r != QUEUE_OK || current < 0)
			return r == QUEUE_OK ? QUEUE_ERROR : r;
	}
}

/* Reads on until the blank line is there. */
static enum queue_result
read_entry(struct queue_file *f, stralloc *head)
{
	size_t want = READ_SIZE, used;
	while (head->len <= QUEUE_HEAD_MAX) {
		if (!stralloc_ready(head, want))
			return QUEUE_ERROR;
		ssize_t n = pread(f->fd, head->s + head->len, want - head->len,
		    (off_t)head->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? QUEUE_ERROR : QUEUE_DAMAGED;
		head->len += (size_t)n;
		switch (
		    queue_entry_parse(head->s, head->len, &f->entry, &used)) {
		case QUEUE_PARSE_DONE:
			f->start = used;
			return QUEUE_OK;
		case QUEUE_PARSE_ERROR:
			return errno == EPROTO ? QUEUE_DAMAGED : QUEUE_ERROR;
		case QUEUE_PARSE_MORE:
			break;
		}
		if (head->len == want)
			want *= 2;
	}
	return QUEUE_DAMAGED;
}

static enum queue_result
find_message(struct queue_file *f)
{
	struct stat st;
	if (fstat(f->fd, &st) < 0 ||
	    lseek(f->fd, (off_t)f->start, SEEK_SET) < 0)
		return QUEUE_ERROR;
	f->size = (uint64_t)st.st_size - f->start;
	return QUEUE_OK;
}

enum queue_result
queue_file_open(int queue, char const *path, enum queue_lock how,
    struct queue_file *f)
{
	stralloc head = STRALLOC_ZERO;
	*f = (struct queue_file)QUEUE_FILE_ZERO;
	f->queue = queue;
	if (!queue_name_parse(path, &f->name)) {
		errno = EINVAL;
		return QUEUE_ERROR;
	}
	enum queue_result r = open_locked(f, how);
	if (r == QUEUE_OK)
		r = read_entry(f, &head);
	if (r == QUEUE_OK)
		r = find_message(f);
	if (r == QUEUE_ERROR)
		queue_file_close(f);
	int saved = errno;
	stralloc_free(&head);
	errno = saved;
	return r;
}

/* --- changing --------------------------------------------------------------- */

/* Without copy_file_range(2), or between file systems. A message that ends
 * before LEFT octets is not whole. */
static int
copy_by_hand(int from, off_t at, uint64_t left, int to)
{
	static char buf[READ_SIZE];
	while (left) {
		ssize_t n = pread(from, buf, sizeof buf, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return 0;
		if ((uint64_t)n > left)
			n = (ssize_t)left;
		if (!file_write(to, buf, (size_t)n))
			return 0;
		at += n;
		left -= (uint64_t)n;
	}
	return 1;
}

static int
copy_message(struct queue_file const *f, int to)
{
	off_t at = (off_t)f->start;
	uint64_t left = f->size;
	while (left) {
		ssize_t n = copy_file_range(f->fd, &at, to, NULL, left, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return copy_by_hand(f->fd, at, left, to);
		left -= (uint64_t)n;
	}
	return 1;
}

/* 1, 0 with errno: the new state, locked and synced, in tmp/. */
static int
write_state(struct queue_file const *f, struct draft *d, uint64_t *start)
{
	return draft_begin(d, f->queue) && flock(d->fd, LOCK_EX) == 0 &&
	    write_head(d->fd, &f->entry, start) && copy_message(f, d->fd) &&
	    lseek(d->fd, (off_t)*start, SEEK_SET) >= 0 && file_sync(d->fd);
}

/* File systems that cannot tell give no assurance, and no trouble. */
int
queue_has_room(struct queue_file const *f)
{
	struct draft d;
	off_t size = (off_t)(f->start + f->size) + READ_SIZE;
	int ok = draft_begin(&d, f->queue) &&
	    (fallocate(d.fd, 0, 0, size) == 0 || errno == EOPNOTSUPP);
	draft_remove(&d);
	return ok;
}

/* GONE is for names that went while we had the lock. */
static enum queue_result
check_current(struct queue_file const *f)
{
	int current = is_current(f);
	return current > 0 ? QUEUE_OK : current ? QUEUE_ERROR : QUEUE_GONE;
}

enum queue_result
queue_save(struct queue_file *f)
{
	struct draft d;
	uint64_t start;
	enum queue_result r = QUEUE_ERROR;
	if (write_state(f, &d, &start))
		r = check_current(f);
	if (r == QUEUE_OK &&
	    renameat(f->queue, d.path, f->queue, f->name.path) < 0)
		r = QUEUE_ERROR;
	if (r != QUEUE_OK) {
		draft_remove(&d);
		return r;
	}
	close(f->fd);
	f->fd = d.fd;
	f->start = start;
	return queue_sync(f->queue, f->name.box) ? QUEUE_OK : QUEUE_ERROR;
}

enum queue_result
queue_record(struct queue_file *f)
{
	if (!queue_is_done(&f->entry))
		return queue_save(f);
	int queue = f->queue;
	enum queue_box box = f->name.box;
	enum queue_result r = queue_remove(f);
	return r == QUEUE_OK && !queue_sync(queue, box) ? QUEUE_ERROR : r;
}

enum queue_result
queue_move(struct queue_file *f, enum queue_box box, int64_t due)
{
	struct queue_name to;
	enum queue_result r = check_current(f);
	queue_name_make(&to, box, due, queue_name_id(&f->name));
	if (r != QUEUE_OK || strcmp(to.path, f->name.path) == 0)
		return r;
	if (!rename_new(f->queue, f->name.path, to.path))
		return errno == ENOENT ? QUEUE_GONE : QUEUE_ERROR;
	f->name = to;
	return QUEUE_OK;
}

enum queue_result
queue_remove(struct queue_file *f)
{
	enum queue_result r = check_current(f);
	if (r == QUEUE_OK && unlinkat(f->queue, f->name.path, 0) < 0)
		r = errno == ENOENT ? QUEUE_GONE : QUEUE_ERROR;
	if (r != QUEUE_ERROR)
		queue_file_close(f);
	return r;
}

void
queue_sweep(int queue)
{
	maildir_sweep(queue, time(NULL));
}
