/* SPDX-License-Identifier: ISC */
#include "auth-secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "path.h"
#include "uid.h"

/* 1; 0 with errno. */
static int
read_secret(char const *path, unsigned char secret[AUTH_SECRET])
{
	stralloc file = STRALLOC_ZERO;
	int fd = file_open(AT_FDCWD, path, O_RDONLY);
	int ok = fd >= 0 && file_read(fd, &file, AUTH_SECRET);
	if (ok && file.len != AUTH_SECRET) {
		errno = EINVAL;
		ok = 0;
	}
	if (ok)
		memcpy(secret, file.s, AUTH_SECRET);
	int saved = errno;
	if (fd >= 0)
		close(fd);
	if (file.s)
		explicit_bzero(file.s, file.a);
	stralloc_free(&file);
	errno = saved;
	return ok;
}

/* A session that root ran by hand must not keep the secret from the others,
 * which are the directory's owner. */
static int
give_to_owner(char const *path)
{
	struct stat st;
	return geteuid() != 0 ||
	    (stat(path_var(), &st) == 0 &&
	        chown(path, st.st_uid, st.st_gid) == 0);
}

/* Two sessions may do it at once: the first file that has the name stays. */
static int
make_secret(char const *path)
{
	unsigned char fresh[AUTH_SECRET];
	char uid[UID_MAX];
	stralloc tmp = STRALLOC_ZERO;
	int ok = getrandom(fresh, sizeof fresh, 0) == (ssize_t)sizeof fresh &&
	    uid_new(uid) && stralloc_copys(&tmp, path) &&
	    stralloc_append(&tmp, '.') && stralloc_cats(&tmp, uid) &&
	    stralloc_0(&tmp) &&
	    file_replace(tmp.s, (char const *)fresh, sizeof fresh, 0600);
	if (ok) {
		ok = give_to_owner(tmp.s) &&
		    (link(tmp.s, path) == 0 || errno == EEXIST) &&
		    file_sync_parent(path);
		int saved = errno;
		unlink(tmp.s);
		errno = saved;
	}
	explicit_bzero(fresh, sizeof fresh);
	stralloc_free(&tmp);
	return ok;
}

int
auth_secret(unsigned char secret[AUTH_SECRET])
{
	stralloc path = STRALLOC_ZERO;
	int ok = path_join(&path, path_var(), "auth-secret");
	if (ok && !read_secret(path.s, secret))
		ok = errno == ENOENT && make_secret(path.s) &&
		    read_secret(path.s, secret);
	if (!ok)
		log_error("read or make the secret of logins",
		    path.s ? path.s : "auth-secret", errno);
	stralloc_free(&path);
	return ok;
}
