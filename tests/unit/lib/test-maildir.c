/* SPDX-License-Identifier: ISC */
/* lib/maildir: what may be opened, what is made, names, sizes, both steps. */
#include "maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failures;
static int base;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s %s (%s)\n", what, on, strerror(errno));
	failures++;
}

static bool
is_dir_0700(int fd, char const *path)
{
	struct stat st;
	return fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode) && (st.st_mode & 07777) == 0700;
}

static int
entries(int fd, char const *path)
{
	int n = 0;
	DIR *dir = fdopendir(openat(fd, path, O_RDONLY | O_DIRECTORY));
	if (!dir)
		return -1;
	for (struct dirent *e; (e = readdir(dir));)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void
test_paths(void)
{
	static char const *const bad[] = { "/", "/etc", "..", "a/..", "../a",
		".", "a/.", "./a", "a//b", "a/", "a/../../b", NULL };
	for (int i = 0; bad[i]; i++) {
		errno = 0;
		check(maildir_open(base, bad[i], true) < 0 && errno == EINVAL,
		    "bad path is refused:", bad[i]);
	}
	char longest[300];
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = 0;
	check(maildir_open(base, longest, true) < 0 && errno == ENAMETOOLONG,
	    "long name", "");
	check(entries(base, ".") == 0, "nothing made by them", "");
	check(maildir_open(base, "example.com/alice", false) < 0 &&
	        errno == ENOENT,
	    "missing without create", "");

	int fd = maildir_open(base, "example.com/alice", true);
	check(fd >= 0, "create", "example.com/alice");
	check(is_dir_0700(base, "example.com") &&
	        is_dir_0700(base, "example.com/alice") &&
	        is_dir_0700(fd, "cur") && is_dir_0700(fd, "new") &&
	        is_dir_0700(fd, "tmp"),
	    "modes 0700", "");
	check(faccessat(fd, "maildirfolder", F_OK, 0) < 0,
	    "no maildirfolder in the root", "");
	close(fd);

	/* what a maker that died, or a hand, left incomplete */
	check(unlinkat(base, "example.com/alice/tmp", AT_REMOVEDIR) == 0 &&
	        unlinkat(base, "example.com/alice/cur", AT_REMOVEDIR) == 0,
	    "remove", "");
	fd = maildir_open(base, "example.com/alice", true);
	check(fd >= 0 && is_dir_0700(fd, "tmp") && is_dir_0700(fd, "cur"),
	    "made whole again", "");
	close(fd);
	fd = maildir_open(base, "example.com/alice", false);
	check(fd >= 0, "opened", "");
	close(fd);
}

static void
test_links_and_files(void)
{
	check(symlinkat("example.com", base, "link.test") == 0, "symlink", "");
	check(maildir_open(base, "link.test/alice", true) < 0,
	    "symbolic link is refused", "");
	int fd = openat(base, "file", O_WRONLY | O_CREAT, 0600);
	check(fd >= 0, "file", "");
	close(fd);
	check(maildir_open(base, "file", true) < 0 && errno == ENOTDIR,
	    "a file is no Maildir", "");
	check(maildir_open(base, "file/x", true) < 0 && errno == ENOTDIR,
	    "nor a folder of one", "");
}

static void
test_folders(void)
{
	static char const *const bad[] = { ".", "..", ".a", "a.", "a..b", "a/b",
		"/", "../x", "a\nb", "a\177", NULL };
	int root = maildir_open(base, "example.com/alice", true);
	for (int i = 0; bad[i]; i++)
		check(maildir_open_folder(root, bad[i], true) < 0 &&
		        errno == EINVAL,
		    "bad folder is refused:", bad[i]);
	check(maildir_open_folder(root, "Junk", false) < 0 && errno == ENOENT,
	    "missing folder", "");
	int fd = maildir_open_folder(root, "Work.Sub &AOQ-", true);
	check(fd >= 0 && is_dir_0700(root, ".Work.Sub &AOQ-/tmp"),
	    "folder made", "");
	struct stat st;
	check(fstatat(fd, "maildirfolder", &st, 0) == 0 && st.st_size == 0 &&
	        (st.st_mode & 07777) == 0600,
	    "maildirfolder", "");
	close(fd);
	fd = maildir_open_folder(root, "", false);
	check(fd >= 0 && is_dir_0700(fd, ".Work.Sub &AOQ-"), "\"\"", "");
	close(fd);
	close(root);
}

enum { MANY = 1000 };

static void
test_unique(void)
{
	static char names[MANY][MAILDIR_NAME_MAX + 1];
	for (int i = 0; i < MANY; i++) {
		maildir_unique(names[i]);
		check(!strpbrk(names[i], "/:,\n "), "clean name", names[i]);
		if (i)
			check(strcmp(names[i], names[i - 1]) != 0, "unique",
			    names[i]);
	}
	long long sec;
	long usec, pid;
	unsigned n;
	char host[256];
	check(sscanf(names[0], "%lld.M%ldP%ld_%u.%255s", &sec, &usec, &pid, &n,
	          host) == 5 &&
	        pid == getpid() && usec < 1000000,
	    "form of the name", names[0]);
}

static bool
holds(int dirfd, char const *path, char const *wanted, size_t len)
{
	char buf[4096];
	int fd = openat(dirfd, path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof buf);
	close(fd);
	return n == (ssize_t)len && memcmp(buf, wanted, len) == 0;
}

/* TEXT in pieces split at CUT, the second one from a file if BY_FD. */
static void
test_write_at(int rootfd, char const *message, size_t len, size_t cut,
    unsigned w_size, bool by_fd)
{
	/* exact allocations: a read past an end is seen */
	struct iovec iov[2] = { { malloc(cut + !cut), cut },
		{ malloc(len - cut + (len == cut)), len - cut } };
	memcpy(iov[0].iov_base, message, cut);
	memcpy(iov[1].iov_base, message + cut, len - cut);
	int fd = -1;
	if (by_fd) {
		fd = openat(rootfd, "source", O_RDWR | O_CREAT | O_TRUNC, 0600);
		check(write(fd, message, len) == (ssize_t)len, "write",
		    "source");
	}
	struct maildir_file f;
	int dirfd = maildir_open_folder(rootfd, "", true);
	check(maildir_write(&f, dirfd, iov, by_fd ? 1 : 2, fd, cut),
	    "maildir_write", "");
	check(f.pending && !*f.path && entries(rootfd, "tmp") == 1 &&
	        entries(rootfd, "new") == 0,
	    "in tmp/ only", f.tmp);
	char sizes[64];
	snprintf(sizes, sizeof sizes, ",S=%zu,W=%u", len, w_size);
	char const *comma = strchr(f.base, ',');
	check(comma && strcmp(comma, sizes) == 0, "sizes", f.base);
	check(f.size == len && f.crlf_size == w_size, "f.size", "");
	check(maildir_commit(&f, "new", ""), "maildir_commit", f.base);
	check(!f.pending && strncmp(f.path, "new/", 4) == 0 &&
	        strcmp(f.path + 4, f.base) == 0,
	    "path", f.path);
	check(holds(rootfd, f.path, message, len), "same bytes", f.path);
	struct stat st;
	check(fstatat(rootfd, f.path, &st, 0) == 0 &&
	        (st.st_mode & 07777) == 0600 && st.st_nlink == 1,
	    "mode 0600, one link", f.path);
	check(entries(rootfd, "tmp") == 0, "tmp/ is empty", "");
	maildir_abandon(&f);
	check(entries(rootfd, "new") == 0, "taken back", "");
	if (fd >= 0)
		close(fd);
	free(iov[0].iov_base);
	free(iov[1].iov_base);
}

static char const text[] = "A: b\r\nC: d\n\n\r\r\n\0x\377\n.\nend";

/* bare LF: after d, the blank line, after 0xff, after the dot */
enum { LEN = sizeof text - 1, W = LEN + 4 };

static void
test_write(void)
{
	int root = maildir_open(base, "write", true);
	for (size_t cut = 0; cut <= LEN; cut++) {
		test_write_at(root, text, LEN, cut, W, false);
		test_write_at(root, text, LEN, cut, W, true);
	}
	test_write_at(root, "", 0, 0, 0, false);
	close(root);
}

static void
test_commit(void)
{
	struct iovec iov = { (char[]){ "x\n" }, 2 };
	struct maildir_file f, other;
	int root = maildir_open(base, "commit", true);
	check(maildir_write(&f, dup(root), &iov, 1, -1, 0) &&
	        maildir_write(&other, dup(root), &iov, 1, -1, 0),
	    "two", "");
	/* the name is taken: nothing is replaced */
	strcpy(other.base, f.base);
	check(maildir_commit(&f, "new", "") &&
	        maildir_commit(&other, "new", ""),
	    "both visible", "");
	check(entries(root, "new") == 2 && strcmp(f.base, other.base) != 0,
	    "another name", other.base);
	check(strstr(other.base, ",S=2,W=3") != NULL, "sizes", other.base);
	maildir_close(&other);
	/* a reader was faster: taken back all the same */
	char moved[MAILDIR_NAME_MAX + 9];
	snprintf(moved, sizeof moved, "cur/%s:2,", f.base);
	check(renameat(root, f.path, root, moved) == 0, "reader moves", "");
	maildir_abandon(&f);
	check(entries(root, "cur") == 0, "taken back from cur/", "");

	check(maildir_write(&f, dup(root), &iov, 1, -1, 0) &&
	        maildir_commit(&f, "cur", ":2,DS"),
	    "with flags", "");
	char const *info = strchr(f.path, ':');
	check(info && strcmp(info, ":2,DS") == 0, "info", f.path);
	maildir_close(&f);

	/* no such directory: still in tmp/, then abandoned */
	check(maildir_write(&f, dup(root), &iov, 1, -1, 0), "write", "");
	check(unlinkat(root, "new", AT_REMOVEDIR) < 0, "new/ is in use", "");
	check(!maildir_commit(&f, "old", "") && errno == ENOENT && f.pending,
	    "no such directory", "");
	maildir_abandon(&f);
	check(entries(root, "tmp") == 0, "tmp/ is empty", "");
	check(unlinkat(root, "tmp", AT_REMOVEDIR) == 0, "rmdir tmp", "");
	check(!maildir_write(&f, dup(root), &iov, 1, -1, 0) &&
	        errno == ENOENT && !f.pending && f.dirfd == -1,
	    "tmp/ is missing", "");
	close(root);
}

/* A reader moves the new message, or changes its flags, and it is taken back
 * all the same; one with a name that only begins alike stays. */
static void
test_take_back(void)
{
	static char const *const infos[] = { "", ":2,", ":2,S", ":2,FSab",
		":1,other", NULL };
	int root = maildir_open(base, "back", true);
	for (int i = 0; infos[i]; i++) {
		struct maildir_file f;
		struct iovec iov = { (char[]){ "a\n" }, 2 };
		char moved[MAILDIR_NAME_MAX + 16], alike[MAILDIR_NAME_MAX + 16];
		check(maildir_write(&f, dup(root), &iov, 1, -1, 0) &&
		        maildir_show(&f, "new", "") && maildir_sync(&f),
		    "show and sync", infos[i]);
		snprintf(moved, sizeof moved, "cur/%s%s", f.base, infos[i]);
		snprintf(alike, sizeof alike, "cur/%s0:2,S", f.base);
		check(renameat(root, f.path, root, moved) == 0, "move", moved);
		int other = openat(root, alike, O_WRONLY | O_CREAT, 0600);
		check(other >= 0 && close(other) == 0, "another", alike);
		check(maildir_abandon(&f), "abandon", moved);
		check(entries(root, "new") == 0 && entries(root, "cur") == 1,
		    "taken back", moved);
		unlinkat(root, alike, 0);
	}
	close(root);
}

/* Removed by its reader, it is gone; where it cannot be removed, we are told. */
static void
test_take_back_fails(void)
{
	struct maildir_file f;
	struct iovec iov = { (char[]){ "a\n" }, 2 };
	int root = maildir_open(base, "back", true);
	check(maildir_write(&f, dup(root), &iov, 1, -1, 0) &&
	        maildir_commit(&f, "new", "") &&
	        unlinkat(root, f.path, 0) == 0 && maildir_abandon(&f),
	    "removed by another", "");
	check(maildir_write(&f, dup(root), &iov, 1, -1, 0) &&
	        maildir_commit(&f, "new", "") &&
	        unlinkat(root, f.path, 0) == 0 &&
	        mkdirat(root, f.path, 0700) == 0,
	    "a directory in its place", "");
	errno = 0;
	check(!maildir_abandon(&f) && errno == EISDIR, "cannot be removed", "");
	close(root);
}

static void
test_read_error(void)
{
	struct iovec iov = { (char[]){ "x\n" }, 2 };
	struct maildir_file f;
	int root = maildir_open(base, "write", true);
	/* reading a directory fails: never taken for the end of the file */
	check(!maildir_write(&f, dup(root), &iov, 1, root, 0) &&
	        errno == EISDIR && entries(root, "tmp") == 0,
	    "read error", "");
	close(root);
}

static void
test_sweep(void)
{
	int root = maildir_open(base, "sweep", true);
	int fd = openat(root, "tmp/left", O_WRONLY | O_CREAT, 0600);
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	check(fd >= 0 && futimens(fd, old) == 0, "left", "");
	close(fd);
	maildir_sweep(root, time(NULL));
	check(entries(root, "tmp") == 1, "an old date alone is no reason", "");
	maildir_sweep(root, time(NULL) + 35 * 3600);
	check(entries(root, "tmp") == 1, "not before 36 hours", "");
	maildir_sweep(root, time(NULL) + 37 * 3600);
	check(entries(root, "tmp") == 0, "swept", "");
	close(root);
}

int
main(void)
{
	char dir[] = "/tmp/test-maildir.XXXXXX";
	umask(022);
	if (!mkdtemp(dir))
		return 1;
	base = open(dir, O_RDONLY | O_DIRECTORY);
	test_paths();
	test_links_and_files();
	test_folders();
	test_unique();
	test_write();
	test_commit();
	test_take_back();
	test_take_back_fails();
	test_read_error();
	test_sweep();
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", dir);
	check(system(command) == 0, "clean up", dir);
	return failures != 0;
}
