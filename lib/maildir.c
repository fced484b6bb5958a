/* SPDX-License-Identifier: ISC */
/* A message is written in tmp/, synced, renamed to new/ or cur/ without
 * replacing anything, and the directory synced: at any moment there is no
 * message or a whole one, also after a power cut.
 *
 * A Maildir is made with tmp/ last: while tmp/ is missing, whoever comes by
 * makes and syncs the rest again, so that a maker that died half way leaves no
 * directory that a power cut could still take away. */
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

static int
open_dir(int atfd, char const *name)
{
	return openat(atfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* --- directories -------------------------------------------------------- */

/* Copies the path's first component to NAME and returns what follows it; NULL
 * with EINVAL when it is empty, "." or "..", too long, or a slash ends it. */
static char const *
next_component(char const *path, char name[MAILDIR_NAME_MAX + 1])
{
	size_t n = strcspn(path, "/");
	if (n == 0 || n > MAILDIR_NAME_MAX || (n == 1 && path[0] == '.') ||
	    (n == 2 && path[0] == '.' && path[1] == '.') ||
	    (path[n] && !path[n + 1])) {
		errno = n > MAILDIR_NAME_MAX ? ENAMETOOLONG : EINVAL;
		return NULL;
	}
	memcpy(name, path, n);
	name[n] = 0;
	return path + n + (path[n] == '/');
}

/* The whole path is looked at before anything of it is made. */
static bool
is_path(char const *path)
{
	char name[MAILDIR_NAME_MAX + 1];
	while (path && *path)
		path = next_component(path, name);
	return path != NULL;
}

bool
maildir_is_path(char const *path, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)path[i] < 0x20 || path[i] == 0x7f)
			return false;
	return len > 0;
}

/* Opens NAME below ATFD; if MAKE, it is made when missing and ATFD synced. */
static int
step_into(int atfd, char const *name, bool make)
{
	if (make &&
	    ((mkdirat(atfd, name, 0700) < 0 && errno != EEXIST) ||
	        fsync(atfd) < 0))
		return -1;
	return open_dir(atfd, name);
}

/* Follows PATH down from BASEFD and leaves its last component in NAME. */
static int
walk(int basefd, char const *path, bool make, char name[MAILDIR_NAME_MAX + 1])
{
	int fd = open_dir(basefd, ".");
	name[0] = 0;
	while (fd >= 0 && *path) {
		path = next_component(path, name);
		int next = step_into(fd, name, make);
		close_keeping_errno(fd);
		fd = next;
	}
	return fd;
}

static bool
has_dir(int dirfd, char const *name)
{
	struct stat st;
	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

static int
make_dir(int dirfd, char const *name)
{
	return mkdirat(dirfd, name, 0700) == 0 ||
	    (errno == EEXIST && has_dir(dirfd, name));
}

/* Marks a folder, for programs that look for the Maildir's root. */
static int
make_folder_mark(int dirfd)
{
	int fd = openat(dirfd, "maildirfolder",
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return 0;
	int ok = fsync(fd) == 0;
	close_keeping_errno(fd);
	return ok;
}

static int
make_inside(int dirfd, bool folder)
{
	return make_dir(dirfd, "cur") && make_dir(dirfd, "new") &&
	    (!folder || make_folder_mark(dirfd)) && fsync(dirfd) == 0 &&
	    make_dir(dirfd, "tmp");
}

static bool
is_whole(int dirfd)
{
	return has_dir(dirfd, "tmp") && has_dir(dirfd, "new") &&
	    has_dir(dirfd, "cur");
}

int
maildir_open(int basefd, char const *path, bool create)
{
	char name[MAILDIR_NAME_MAX + 1];
	if (!is_path(path))
		return -1;
	int fd = walk(basefd, path, false, name);
	if (!create || (fd < 0 && errno != ENOENT))
		return fd;
	if (fd >= 0) {
		if (is_whole(fd))
			return fd;
		close(fd);
	}
	fd = walk(basefd, path, true, name);
	if (fd >= 0 && !make_inside(fd, name[0] == '.'))
		return close_keeping_errno(fd);
	return fd;
}

/* A level between the dots that is empty would make "..", or a name that no
 * other program reads as this folder. */
static bool
is_folder_name(char const *name, size_t len)
{
	char before = '.';
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];
		if (c < 0x20 || c == 0x7f || c == '/' ||
		    (c == '.' && before == '.'))
			return false;
		before = name[i];
	}
	return before != '.' && len < MAILDIR_NAME_MAX;
}

int
maildir_open_folder(int rootfd, char const *name, bool create)
{
	char path[MAILDIR_NAME_MAX + 2];
	if (!*name)
		return maildir_open(rootfd, "", create);
	if (!is_folder_name(name, strlen(name))) {
		errno = EINVAL;
		return -1;
	}
	snprintf(path, sizeof path, ".%s", name);
	return maildir_open(rootfd, path, create);
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
	*f = (struct maildir_file){ .dirfd = dirfd };
	int out = create_tmp(f);
	int ok = out >= 0 && copy_pieces(out, iov, count, &t) &&
	    (fd < 0 || copy_fd(out, fd, offset, &t)) && fsync(out) == 0;
	if (out >= 0) {
		int saved = errno;
		if (close(out) < 0 && ok)
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

static void
take_back(struct maildir_file *f)
{
	int saved = errno;
	if (unlinkat(f->dirfd, f->path, 0) < 0 && errno == ENOENT) {
		char moved[MAILDIR_NAME_MAX + 9];
		snprintf(moved, sizeof moved, "cur/%s:2,", f->base);
		unlinkat(f->dirfd, moved, 0);
	}
	f->path[0] = 0;
	errno = saved;
}

int
maildir_commit(struct maildir_file *f, char const *subdir, char const *info)
{
	int fd = open_dir(f->dirfd, subdir);
	if (fd < 0)
		return 0;
	int ok = make_visible(f, fd, subdir, info);
	if (ok && fsync(fd) < 0) {
		take_back(f);
		ok = 0;
	}
	close_keeping_errno(fd);
	return ok;
}

void
maildir_abandon(struct maildir_file *f)
{
	int saved = errno;
	if (f->pending) {
		char path[MAILDIR_NAME_MAX + 5];
		snprintf(path, sizeof path, "tmp/%s", f->tmp);
		unlinkat(f->dirfd, path, 0);
		f->pending = false;
	}
	if (f->path[0])
		take_back(f);
	errno = saved;
	maildir_close(f);
}

void
maildir_close(struct maildir_file *f)
{
	if (f->dirfd >= 0)
		close_keeping_errno(f->dirfd);
	f->dirfd = -1;
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
	int fd = open_dir(dirfd, "tmp");
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
