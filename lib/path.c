/* SPDX-License-Identifier: ISC */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char const *
from_environment(char const *name, char const *otherwise)
{
	char const *value = getenv(name);
	return value && *value ? value : otherwise;
}

char const *
path_etc(void)
{
	return from_environment("BESACE_ETC", "/etc/besace");
}

char const *
path_var(void)
{
	return from_environment("BESACE_VAR", "/var/lib/besace");
}

/* Of path_hold. */
static int held_etc = -1;
static int held_var = -1;

static int
open_directory(char const *path, int flags)
{
	return open(path, flags | O_DIRECTORY | O_CLOEXEC);
}

static int
open_held(int held, char const *path, int flags)
{
	return held < 0 ? open_directory(path, flags)
	                : fcntl(held, F_DUPFD_CLOEXEC, 3);
}

int
path_open_etc(void)
{
	return open_held(held_etc, path_etc(), O_PATH);
}

int
path_open_var(void)
{
	return open_held(held_var, path_var(), O_RDONLY);
}

void
path_hold(void)
{
	held_etc = open_directory(path_etc(), O_PATH);
	held_var = open_directory(path_var(), O_RDONLY);
}

int
path_join(stralloc *sa, char const *dir, char const *name)
{
	if (!stralloc_copys(sa, dir) || !stralloc_append(sa, '/') ||
	    !stralloc_cats(sa, name) || !stralloc_0(sa))
		return 0;
	sa->len--;
	return 1;
}

int
path_program(stralloc *sa, char const *name)
{
	char self[PATH_MAX];
	ssize_t n = strchr(name, '/')
	    ? -1
	    : readlink("/proc/self/exe", self, sizeof self - 1);
	if (n > 0) {
		self[n] = 0;
		char *slash = strrchr(self, '/');
		if (slash) {
			*slash = 0;
			if (!path_join(sa, self, name))
				return 0;
			if (access(sa->s, X_OK) == 0)
				return 1;
		}
	}
	if (!stralloc_copys(sa, name) || !stralloc_0(sa))
		return 0;
	sa->len--;
	return 1;
}
