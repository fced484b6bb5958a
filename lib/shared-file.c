/* SPDX-License-Identifier: ISC */
#include "shared-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/stralloc.h>

#include "file.h"
#include "log.h"
#include "path.h"

/* Root may be the first to come, at the command line: the file is for those
 * who own the directory. */
static bool
give_to_owner(int fd)
{
	struct stat st;
	return geteuid() != 0 ||
	    (stat(path_var(), &st) == 0 &&
	        fchown(fd, st.st_uid, st.st_gid) == 0);
}

/* Brings a new file to PATH: beside nothing, or over what is no good. Another
 * session may be first; then its file stays. */
static bool
put_in_place(char const *made, char const *path, bool replace)
{
	if (replace)
		return rename(made, path) == 0;
	bool ok = link(made, path) == 0 || errno == EEXIST;
	int saved = errno;
	unlink(made);
	errno = saved;
	return ok;
}

static bool
make_as(struct shared_file const *f, char *made, char const *path, bool replace)
{
	int fd = mkostemp(made, O_CLOEXEC);
	if (fd < 0)
		return false;
	bool ok = f->fill(fd, f->arg) && give_to_owner(fd) &&
	    put_in_place(made, path, replace);
	int saved = errno;
	close(fd);
	if (!ok)
		unlink(made);
	errno = saved;
	return ok;
}

static bool
make(struct shared_file const *f, char const *path, bool replace)
{
	stralloc made = STRALLOC_ZERO;
	bool ok = stralloc_copys(&made, path) &&
	    stralloc_cats(&made, ".XXXXXX") && stralloc_0(&made) &&
	    make_as(f, made.s, path, replace);
	int saved = errno;
	stralloc_free(&made);
	errno = saved;
	return ok;
}

/* A descriptor; -1 with errno: ENOENT, EINVAL when it is no good, ... */
static int
open_valid(struct shared_file const *f, char const *path)
{
	int fd = file_open(AT_FDCWD, path, O_RDWR);
	if (fd < 0) {
		if (errno == ELOOP)
			errno = EINVAL;
		return -1;
	}
	if (f->valid(fd, f->arg))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

static int
open_or_make(struct shared_file const *f, char const *path)
{
	int fd = open_valid(f, path);
	if (fd >= 0 || (errno != ENOENT && errno != EINVAL))
		return fd;
	bool replace = errno == EINVAL;
	if (replace)
		log_event("remade", "file", path, "reason",
		    "damaged, or not made by us", (char *)NULL);
	return make(f, path, replace) ? open_valid(f, path) : -1;
}

int
shared_file_open(struct shared_file const *f)
{
	stralloc path = STRALLOC_ZERO;
	int fd = path_join(&path, path_var(), f->name) ? open_or_make(f, path.s)
	                                               : -1;
	if (fd < 0)
		log_error("open", path.s ? path.s : f->name, errno);
	stralloc_free(&path);
	return fd;
}
