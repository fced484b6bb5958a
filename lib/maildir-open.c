/* SPDX-License-Identifier: ISC */
/* Maildirs and folders are opened, and made, without following a link.
 *
 * A Maildir is made with tmp/ last: while tmp/ is missing, whoever comes by
 * makes and syncs the rest again, so that a maker that died half way leaves no
 * directory that a power cut could still take away. */
#include "maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static int
close_keeping_errno(int fd)
{
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
maildir_open_dir(int atfd, char const *name)
{
	return openat(atfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

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
	        !file_sync(atfd)))
		return -1;
	return maildir_open_dir(atfd, name);
}

/* Follows PATH down from BASEFD and leaves its last component in NAME. */
static int
walk(int basefd, char const *path, bool make, char name[MAILDIR_NAME_MAX + 1])
{
	int fd = maildir_open_dir(basefd, ".");
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
	int ok = file_sync(fd);
	close_keeping_errno(fd);
	return ok;
}

static int
make_inside(int dirfd, bool folder)
{
	return make_dir(dirfd, "cur") && make_dir(dirfd, "new") &&
	    (!folder || make_folder_mark(dirfd)) && file_sync(dirfd) &&
	    make_dir(dirfd, "tmp");
}

static bool
is_whole(int dirfd)
{
	return has_dir(dirfd, "tmp") && has_dir(dirfd, "new") &&
	    has_dir(dirfd, "cur");
}

int
maildir_mend(int dirfd)
{
	return !has_dir(dirfd, "cur") || is_whole(dirfd) ||
	    make_inside(dirfd, false);
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
