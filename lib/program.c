/* SPDX-License-Identifier: ISC */
#include "program.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "log.h"

/* DIR/NAME; nothing when that is too long to be a file. */
static void
exec_in(struct bytes dir, char const *name, char *const *argv,
    char *const *envp)
{
	char path[PATH_MAX];
	size_t len = strlen(name);
	if (dir.len + 1 + len >= sizeof path) {
		errno = ENAMETOOLONG;
		return;
	}
	memcpy(path, dir.s, dir.len);
	path[dir.len] = '/';
	memcpy(path + dir.len + 1, name, len + 1);
	execve(path, argv, envp);
}

/* Where it is not to be found, or not for us, the next directory is asked. */
static bool
is_elsewhere(int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR || errnum == EACCES ||
	    errnum == ENAMETOOLONG;
}

void
program_exec(char const *name, char *const *argv, char *const *envp)
{
	char const *path = getenv("PATH");
	int found = ENOENT;
	if (strchr(name, '/')) {
		execve(name, argv, envp);
		return;
	}
	if (!path)
		path = "/bin:/usr/bin";
	for (struct bytes rest = { path, strlen(path) }; rest.len;) {
		struct bytes dir = bytes_take_until(&rest, ':');
		if (!dir.len)
			continue;
		exec_in(dir, name, argv, envp);
		if (!is_elsewhere(errno))
			return;
		found = errno == EACCES ? EACCES : found;
	}
	errno = found;
}

int
program_spawn(char const *name, posix_spawn_file_actions_t const *actions,
    bool group, char *const *argv, char *const *envp, pid_t *pid)
{
	posix_spawnattr_t attr;
	sigset_t none, all;
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	sigemptyset(&none);
	sigfillset(&all);
	int r = posix_spawnattr_init(&attr);
	if (r)
		return r;
	if (group)
		flags |= POSIX_SPAWN_SETPGROUP;
	if (!(r = posix_spawnattr_setsigmask(&attr, &none)) &&
	    !(r = posix_spawnattr_setsigdefault(&attr, &all)) &&
	    !(r = posix_spawnattr_setpgroup(&attr, 0)) &&
	    !(r = posix_spawnattr_setflags(&attr, flags)))
		r = posix_spawnp(pid, name, actions, &attr, argv, envp);
	posix_spawnattr_destroy(&attr);
	return r;
}

char const *
program_reason(char const *name, int errnum)
{
	if (errnum == ENOENT && strchr(name, '/') && access(name, F_OK) == 0)
		return "it is there, but the interpreter that it asks for is "
		       "not";
	return errnum == ENOEXEC
	    ? "it is neither a binary nor a script with #! on top"
	    : strerror(errnum);
}

void
program_log_failure(char const *name, int errnum)
{
	log_event("error", "what", "start program", "object", name, "reason",
	    program_reason(name, errnum), (char *)NULL);
}
