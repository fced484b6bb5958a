/* SPDX-License-Identifier: ISC */
#include "mta-sts-cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "hostname.h"
#include "log.h"

enum { DAY = 86400 };

/* No domain is called so. The last sweep was at its modification time. */
static char const lock_name[] = ".lock";

static char const directory[] = "mta-sts";

bool
mta_sts_cache_takes(char const *domain)
{
	size_t len = strlen(domain);
	for (size_t i = 0; i < len; i++)
		if (domain[i] >= 'A' && domain[i] <= 'Z')
			return false;
	return len <= MTA_STS_DOMAIN_MAX && hostname_valid(domain, len) &&
	    hostname_complete(domain, len) && domain[len - 1] != '.';
}

int
mta_sts_cache_open(int var)
{
	int const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int dir = openat(var, directory, flags);
	if (dir >= 0 || errno != ENOENT)
		return dir;
	if (mkdirat(var, directory, 0700) < 0 && errno != EEXIST)
		return -1;
	return openat(var, directory, flags);
}

void
mta_sts_cache_read(int dir, char const *domain, stralloc *text,
    struct mta_sts_entry *e)
{
	int fd = file_open(dir, domain, O_RDONLY);
	bool none = fd < 0 && errno == ENOENT;
	text->len = 0;
	if (fd >= 0 && !file_read(fd, text, MTA_STS_ENTRY_MAX))
		text->len = 0;
	if (fd >= 0)
		close(fd);
	if (!mta_sts_entry_read(text->s ? text->s : "", text->len, e) && !none)
		log_event("error", "what", "read a kept policy", "object",
		    directory, "for", domain, "reason", "it is damaged",
		    (char *)NULL);
}

/* --- sweeping --------------------------------------------------------------- */

static void
sweep_file(int dir, char const *name, int64_t now)
{
	struct stat st;
	if (*name == '.' || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_mtime > now - DAY)
		return;
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		log_error_in("remove", directory, name, errno);
}

/* The writer of a file that never got its name is gone, too, a day later. */
static void
sweep(int dir, int64_t now)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent const *entry;
	if (!d) {
		log_error("sweep", directory, errno);
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(d)))
		sweep_file(dir, entry->d_name, now);
	closedir(d);
}

static int
open_lock(int dir)
{
	return openat(dir, lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
	    0600);
}

static void
sweep_once_a_day(int dir, int64_t now)
{
	struct stat st;
	int fd = open_lock(dir);
	if (fd >= 0 && fstat(fd, &st) == 0 &&
	    (st.st_mtime <= now - DAY || st.st_mtime > now) &&
	    futimens(fd, NULL) == 0)
		sweep(dir, now);
	if (fd >= 0)
		close(fd);
}

/* --- writing ---------------------------------------------------------------- */

int
mta_sts_cache_write(int dir, char const *domain, struct mta_sts_entry const *e,
    int64_t now)
{
	stralloc text = STRALLOC_ZERO;
	struct timespec end[2] = { { .tv_sec = mta_sts_entry_end(e) },
		{ .tv_sec = mta_sts_entry_end(e) } };
	sweep_once_a_day(dir, now);
	int ok = mta_sts_entry_write(&text, e) &&
	    file_replace_in(dir, domain, text.s, text.len, 0600) &&
	    utimensat(dir, domain, end, AT_SYMLINK_NOFOLLOW) == 0;
	int saved = errno;
	stralloc_free(&text);
	errno = saved;
	return ok;
}

/* --- locks ------------------------------------------------------------------ */

/* A domain's octet of the lock file, FNV-1a: two domains that share one wait for
 * each other, that is all. */
static off_t
octet_of(char const *domain)
{
	uint32_t hash = 2166136261U;
	for (; *domain; domain++)
		hash = (hash ^ (unsigned char)*domain) * 16777619U;
	return hash;
}

int
mta_sts_cache_lock(int dir, char const *domain)
{
	struct flock lock = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = octet_of(domain),
		.l_len = 1 };
	int fd = open_lock(dir);
	if (fd < 0 || fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return fd;
	int saved = errno == EACCES ? EAGAIN : errno;
	close(fd);
	errno = saved;
	return -1;
}
