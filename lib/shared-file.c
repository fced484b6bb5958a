/* SPDX-License-Identifier: ISC */
#include "shared-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/stralloc.h>

#include "file.h"
#include "log.h"
#include "path.h"

/* Root may be the first to come, at the command line: the file is for those
 * who own the directory. */
static bool
give_to_owner(int fd, int var)
{
	struct stat st;
	return geteuid() != 0 ||
	    (fstat(var, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0);
}

/* Brings a new file to NAME: beside nothing, or over what is no good. Another
 * session may be first; then its file stays. */
static bool
put_in_place(int var, char const *made, char const *name, bool replace)
{
	if (replace)
		return renameat(var, made, var, name) == 0;
	bool ok = linkat(var, made, var, name, 0) == 0 || errno == EEXIST;
	int saved = errno;
	unlinkat(var, made, 0);
	errno = saved;
	return ok;
}

static bool
make(struct shared_file const *f, int var, bool replace)
{
	stralloc made = STRALLOC_ZERO;
	int fd = file_make_beside(var, f->name, &made);
	bool ok = fd >= 0 && f->fill(fd, f->arg) && give_to_owner(fd, var) &&
	    put_in_place(var, made.s, f->name, replace);
	int saved = errno;
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !ok)
		unlinkat(var, made.s, 0);
	stralloc_free(&made);
	errno = saved;
	return ok;
}

/* A descriptor; -1 with errno: ENOENT, EINVAL when it is no good, ... */
static int
open_valid(struct shared_file const *f, int var)
{
	int fd = file_open(var, f->name, O_RDWR);
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
open_or_make(struct shared_file const *f, int var)
{
	int fd = open_valid(f, var);
	if (fd >= 0 || (errno != ENOENT && errno != EINVAL))
		return fd;
	bool replace = errno == EINVAL;
	if (replace)
		log_event("remade", "file", f->name, "reason",
		    "damaged, or not made by us", (char *)NULL);
	return make(f, var, replace) ? open_valid(f, var) : -1;
}

int
shared_file_open(struct shared_file const *f)
{
	int var = path_open_var();
	int fd = var < 0 ? -1 : open_or_make(f, var);
	if (fd < 0)
		log_error_in("open", path_var(), f->name, errno);
	if (var >= 0)
		close(var);
	return fd;
}
