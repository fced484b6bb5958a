/* SPDX-License-Identifier: ISC */
/* A message is written in tmp/, synced, renamed to new/ or cur/ without
 * replacing anything, and the directory synced: at any moment there is no
 * message or a whole one, also after a power cut. */
#include "maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

enum {
	HOST_MAX = 64,       /* octets of the host name in a file name */
	TRIES = 100,         /* names taken by others before we give up */
	TAKE_BACK_TRIES = 5, /* looks for a file that others rename */
	TMP_AGE = 36 * 3600, /* seconds, Maildir's own rule */
	SWEEP_MAX = 1000     /* files looked at in one sweep */
};

static int
close_keeping_errno(int fd)
{
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* --- names -------------------------------------------------------------- */

static bool
is_host_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '-';
}

/* The host name with what a file name or a list of them could not hold ("/",
 * ":", ",", controls) as "_". */
static void
host_name(char host[HOST_MAX + 1])
{
	if (gethostname(host, HOST_MAX) < 0 || !*host)
		snprintf(host, HOST_MAX + 1, "localhost");
	host[HOST_MAX] = 0;
	for (char *p = host; *p; p++)
		if (!is_host_byte(*p))
			*p = '_';
}

/* Counts up from a random start: names stay unique when the clock stands still
 * or goes back while process ids come again, as in containers. */
static unsigned
next_number(void)
{
	static unsigned number;
	static bool started;
	if (!started &&
	    getrandom(&number, sizeof number, GRND_NONBLOCK) !=
	        (ssize_t)sizeof number)
		number = 0;
	started = true;
	return number++;
}

void
maildir_unique(char name[MAILDIR_NAME_MAX + 1])
{
	char host[HOST_MAX + 1];
	struct timespec now;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		now = (struct timespec){ 0, 0 };
	host_name(host);
	snprintf(name, MAILDIR_NAME_MAX + 1, "%lld.M%ldP%ld_%u.%s",
	    (long long)now.tv_sec, now.tv_nsec / 1000, (long)getpid(),
	    next_number(), host);
}

/* --- writing ------------------------------------------------------------ */

/* What has gone through, and how long it is with CRLF line ends. */
struct tally {
	uint64_t size;
	uint64_t bare_lf;
	char last;
};

static void
tally_add(struct tally *t, char const *s, size_t len)
{
	char const *end = s + len;
	for (char const *p = s; p < end && (p = memchr(p, '\n', end - p)); p++)
		t->bare_lf += (p > s ? p[-1] : t->last) != '\r';
	if (len)
		t->last = end[-1];
	t->size += len;
}

static int
copy_pieces(int out, struct iovec const *iov, int count, struct tally *t)
{
	for (int i = 0; i < count; i++) {
		if (!file_write(out, iov[i].iov_base, iov[i].iov_len))
			return 0;
		tally_add(t, iov[i].iov_base, iov[i].iov_len);
	}
	return 1;
}

static int
copy_fd(int out, int fd, uint64_t offset, struct tally *t)
{
	char buf[65536];
	for (;;) {
		ssize_t r = pread(fd, buf, sizeof buf, (off_t)offset);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r == 0;
		if (!file_write(out, buf, (size_t)r))
			return 0;
		tally_add(t, buf, (size_t)r);
		offset += (uint64_t)r;
	}
}

/* Descriptor of a new file, F->tmp its name below tmp/. */
static int
create_tmp(struct maildir_file *f)
{
	char path[MAILDIR_NAME_MAX + 5];
	int fd = -1;
	for (int i = 0; fd < 0 && i < TRIES; i++) {
		maildir_unique(f->tmp);
		snprintf(path, sizeof path, "tmp/%s", f->tmp);
		fd = openat(f->dirfd, path,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	f->pending = fd >= 0;
	return fd;
}

static void
set_base(struct maildir_file *f, char const *unique)
{
	char sizes[64];
	snprintf(sizes, sizeof sizes, ",S=%llu,W=%llu",
	    (unsigned long long)f->size, (unsigned long long)f->crlf_size);
	snprintf(f->base, sizeof f->base, "%.*s%s",
	    (int)(MAILDIR_NAME_MAX - strlen(sizes)), unique, sizes);
}

int
maildir_write(struct maildir_file *f, int dirfd, struct iovec const *iov,
    int count, int fd, uint64_t offset)
{
	struct tally t = { 0, 0, 0 };
	*f = (struct maildir_file){ .dirfd = dirfd, .subdirfd = -1 };
	int out = create_tmp(f);
	int ok = out >= 0 && copy_pieces(out, iov, count, &t) &&
	    (fd < 0 || copy_fd(out, fd, offset, &t)) && file_sync(out);
	if (out >= 0) {
		int saved = errno;
		if (!file_close(out) && ok)
			ok = 0;
		else
			errno = saved;
	}
	if (!ok) {
		maildir_abandon(f);
		return 0;
	}
	f->size = t.size;
	f->crlf_size = t.size + t.bare_lf;
	set_base(f, f->tmp);
	return 1;
}

/* --- making visible ----------------------------------------------------- */

/* rename(2) that fails with EEXIST instead of replacing; by link(2) where the
 * file system has no such rename (NFS). */
static int
rename_new(int fromfd, char const *from, int tofd, char const *to)
{
	if (renameat2(fromfd, from, tofd, to, RENAME_NOREPLACE) == 0)
		return 1;
	if (errno != EINVAL && errno != ENOSYS)
		return 0;
	if (linkat(fromfd, from, tofd, to, 0) < 0)
		return 0;
	/* What is left in tmp/ when this fails is the same file again, unseen
	 * and later swept: the message is delivered. */
	unlinkat(fromfd, from, 0);
	return 1;
}

/* By the name in F->path, below SUBFD; with another name while it is taken. */
static int
make_visible(struct maildir_file *f, int subfd, char const *subdir,
    char const *info)
{
	char from[MAILDIR_NAME_MAX + 5];
	snprintf(from, sizeof from, "tmp/%s", f->tmp);
	for (int i = 0; i < TRIES; i++) {
		int n = snprintf(f->path, sizeof f->path, "%s/%s%s", subdir,
		    f->base, info);
		if (n < 0 || (size_t)n >= sizeof f->path) {
			errno = ENAMETOOLONG;
			break;
		}
		if (rename_new(f->dirfd, from, subfd,
		        f->path + strlen(subdir) + 1)) {
			f->pending = false;
			return 1;
		}
		if (errno != EEXIST)
			break;
		char unique[MAILDIR_NAME_MAX + 1];
		maildir_unique(unique);
		set_base(f, unique);
	}
	f->path[0] = 0;
	return 0;
}

/* Whether NAME is BASE, or BASE with an info part. */
static bool
is_message(char const *name, char const *base)
{
	size_t n = strlen(base);
	return strncmp(name, base, n) == 0 && (!name[n] || name[n] == ':');
}

/* Looks through cur/ for F under any flags. 1: removed; 0, errno ENOENT: it is
 * not there, or was renamed while we looked. */
static int
remove_moved(struct maildir_file *f)
{
	int fd = maildir_open_dir(f->dirfd, "cur");
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close_keeping_errno(fd);
		return 0;
	}
	int ok = 0;
	struct dirent const *entry;
	errno = ENOENT;
	while (!ok && (entry = readdir(dir)))
		if (is_message(entry->d_name, f->base))
			ok = unlinkat(fd, entry->d_name, 0) == 0;
	if (ok)
		file_sync(fd);
	int saved = errno;
	closedir(dir);
	errno = saved;
	return ok;
}

/* Not there any more counts as taken back: its reader has removed it, or moved
 * it to another folder, which we would not find. 1; 0 with errno. */
static int
take_back(struct maildir_file *f)
{
	int ok = unlinkat(f->dirfd, f->path, 0) == 0;
	if (ok && f->subdirfd >= 0)
		file_sync(f->subdirfd);
	for (int i = 0; !ok && errno == ENOENT && i < TAKE_BACK_TRIES; i++)
		ok = remove_moved(f);
	f->path[0] = 0;
	return ok || errno == ENOENT;
}

int
maildir_show(struct maildir_file *f, char const *subdir, char const *info)
{
	f->subdirfd = maildir_open_dir(f->dirfd, subdir);
	return f->subdirfd >= 0 && make_visible(f, f->subdirfd, subdir, info);
}

int
maildir_sync(struct maildir_file *f)
{
	return file_sync(f->subdirfd);
}

int
maildir_sync_dir(int dirfd, char const *subdir)
{
	int fd = maildir_open_dir(dirfd, subdir);
	if (fd < 0)
		return 0;
	int ok = file_sync(fd);
	close_keeping_errno(fd);
	return ok;
}

int
maildir_commit(struct maildir_file *f, char const *subdir, char const *info)
{
	if (!maildir_show(f, subdir, info))
		return 0;
	if (maildir_sync(f))
		return 1;
	int saved = errno;
	take_back(f);
	errno = saved;
	return 0;
}

int
maildir_abandon(struct maildir_file *f)
{
	int ok = 1, saved = errno;
	if (f->pending) {
		char path[MAILDIR_NAME_MAX + 5];
		snprintf(path, sizeof path, "tmp/%s", f->tmp);
		unlinkat(f->dirfd, path, 0);
		f->pending = false;
	}
	if (f->path[0])
		ok = take_back(f);
	if (ok)
		errno = saved;
	maildir_close(f);
	return ok;
}

void
maildir_close(struct maildir_file *f)
{
	if (f->subdirfd >= 0)
		close_keeping_errno(f->subdirfd);
	if (f->dirfd >= 0)
		close_keeping_errno(f->dirfd);
	f->subdirfd = f->dirfd = -1;
}

/* --- sweeping ----------------------------------------------------------- */

/* By ctime: mtime may be an old message's own date, set on purpose. */
static void
sweep_file(int tmpfd, char const *name, time_t now)
{
	struct stat st;
	if (name[0] != '.' &&
	    fstatat(tmpfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && st.st_ctime < now - TMP_AGE)
		unlinkat(tmpfd, name, 0);
}

void
maildir_sweep(int dirfd, time_t now)
{
	int fd = maildir_open_dir(dirfd, "tmp");
	if (fd < 0)
		return;
	DIR *dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return;
	}
	struct dirent const *entry;
	for (int i = 0; i < SWEEP_MAX && (entry = readdir(dir)); i++)
		sweep_file(fd, entry->d_name, now);
	closedir(dir);
}
