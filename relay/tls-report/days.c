/* SPDX-License-Identifier: ISC */
#include "days.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

enum { DAY = 86400 };

/* "2026-11-21", or the same with something behind a dot. */
static bool
read_name(char const *name, char day[TLS_SESSIONS_DAY], int64_t *start)
{
	size_t n = strcspn(name, ".");
	if (n != TLS_SESSIONS_DAY - 1)
		return false;
	memcpy(day, name, n);
	day[n] = 0;
	return tls_sessions_start(day, start);
}

static void
remove_file(int dir, char const *name)
{
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		log_error_in("remove", "tls-reports", name, errno);
}

static void
look_at(struct days *d, int dir, char const *name, int64_t now)
{
	char day[TLS_SESSIONS_DAY];
	int64_t start;
	if (!read_name(name, day, &start) || start + DAY > now)
		return;
	if (start + (1 + DAYS_KEPT) * DAY <= now)
		remove_file(dir, name);
	else if (!strchr(name, '.') && d->count < DAYS_MAX)
		memcpy(d->name[d->count++], day, sizeof day);
}

static int
compare(void const *a, void const *b)
{
	return strcmp(a, b);
}

int
days_list(struct days *d, int dir, int64_t now)
{
	struct dirent const *e;
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
	d->count = 0;
	if (!list) {
		int saved = errno;
		if (copy >= 0)
			close(copy);
		errno = saved;
		return 0;
	}
	while (errno = 0, (e = readdir(list)))
		look_at(d, dir, e->d_name, now);
	int ok = errno == 0, saved = errno;
	closedir(list);
	qsort(d->name, d->count, sizeof *d->name, compare);
	errno = saved;
	return ok;
}
