/* SPDX-License-Identifier: ISC */
#include "arrivals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

/* --- telling ------------------------------------------------------------------------ */

/* inotify knows no directories by descriptor. */
static int
watch(int fd, int queue)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d/new", queue);
	return inotify_add_watch(fd, path, IN_MOVED_TO | IN_ONLYDIR);
}

int
arrivals_open(int queue)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd >= 0 && watch(fd, queue) >= 0)
		return fd;
	log_error("watch", "queue/new", errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Events that were read and not taken yet. */
static struct {
	char bytes[8192]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
	size_t at, len;
} events;

static bool
refill(int fd)
{
	ssize_t n = read(fd, events.bytes, sizeof events.bytes);
	events.at = 0;
	events.len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

int
arrivals_next(int fd, struct queue_name *name)
{
	char path[NAME_MAX + 8];
	while (events.at < events.len || refill(fd)) {
		void const *at = events.bytes + events.at;
		struct inotify_event const *e = at;
		events.at += sizeof *e + e->len;
		if (e->mask & (IN_Q_OVERFLOW | IN_IGNORED))
			return -1;
		snprintf(path, sizeof path, "new/%.*s", (int)e->len, e->name);
		if (e->len && queue_name_parse(path, name))
			return 1;
	}
	return 0;
}

/* --- what does not belong there ------------------------------------------------------ */

static bool
is_regular(int queue, char const *path)
{
	struct stat st;
	return fstatat(queue, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    S_ISREG(st.st_mode);
}

static void
drop(int queue, char const *file)
{
	char from[NAME_MAX + 8], id[UID_MAX], to[QUEUE_NAME_MAX];
	struct queue_name name;
	snprintf(from, sizeof from, "new/%s", file);
	bool named = queue_name_parse(from, &name);
	if (named && is_regular(queue, from))
		return;
	if (!uid_new(id))
		return;
	snprintf(to, sizeof to, "corrupt/%s", id);
	if (renameat(queue, from, queue, to) == 0)
		log_event("error", "what", "read queue file", "object", from,
		    "reason",
		    named ? "it is no regular file"
		          : "it has no name of the queue",
		    "moved", to, (char *)NULL);
	else if (errno != ENOENT)
		log_error("move to queue/corrupt", from, errno);
}

void
arrivals_drop_foreign(int queue)
{
	int fd = openat(queue, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent const *entry;
	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			drop(queue, entry->d_name);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}
