/* SPDX-License-Identifier: ISC */
/* A DELETE gives the directory a name that no mailbox has, and then takes the
 * files out of it one by one. */
#include "mailbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mailbox-parts.h"

static bool
leads_to(int root, char const *name, struct stat const *dir)
{
	struct stat st;
	return fstatat(root, name, &st, 0) == 0 && st.st_dev == dir->st_dev &&
	    st.st_ino == dir->st_ino;
}

/* No mailbox's name starts with two dots, here and with Dovecot. */
static bool
is_trash(char const *name)
{
	return name[0] == '.' && name[1] == '.' && name[2];
}

static bool
is_in_trash(int root, struct stat const *dir)
{
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent const *e;
	bool found = false;
	if (!d) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && (e = readdir(d)))
		found = is_trash(e->d_name) && leads_to(root, e->d_name, dir);
	closedir(d);
	return found;
}

bool
mailbox_is_deleted(struct mailbox const *b)
{
	char path[FOLDER_NAME_MAX + 2];
	struct stat dir;
	if (fstat(b->dir, &dir) < 0)
		return false;
	if (!dir.st_nlink)
		return true;
	snprintf(path, sizeof path, ".%s", b->folder);
	return *b->folder && !leads_to(b->root, path, &dir) &&
	    is_in_trash(b->root, &dir);
}
