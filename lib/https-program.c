/* SPDX-License-Identifier: ISC */
#include "https-program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "environment.h"
#include "exitcode.h"
#include "file.h"
#include "log.h"
#include "path.h"
#include "program.h"

enum {
	FD_ETC = 3,    /* in the program */
	FD_FIRST = 10, /* ours, out of the way */
	FD_PATH_MAX = 32
};

/* Nobody writes to the words: posix_spawn's type is older than const. */
union words {
	char const *in[3];
	char *out[3];
};

void
https_program_open(struct https_program *p, char const *name)
{
	stralloc path = STRALLOC_ZERO;
	int fd = -1;
	p->name = name;
	if (path_program(&path, name))
		fd = open(path.s, O_PATH | O_CLOEXEC);
	p->program = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FD_FIRST);
	if (fd >= 0)
		close(fd);
	p->etc = path_open_etc();
	stralloc_free(&path);
}

static void
name_descriptor(int fd, char path[FD_PATH_MAX])
{
	snprintf(path, FD_PATH_MAX, "/proc/self/fd/%d", fd);
}

/* What it needs; nothing of what else is in ours. */
static bool
fill_environment(struct environment *e)
{
	char etc[FD_PATH_MAX];
	name_descriptor(FD_ETC, etc);
	*e = (struct environment){ .count = 0 };
	environment_put(e, "BESACE_ETC", etc);
	environment_put(e, "BESACE_RESOLVER", getenv("BESACE_RESOLVER"));
	environment_put(e, "BESACE_HTTPS_PORT", getenv("BESACE_HTTPS_PORT"));
	environment_put(e, "ASAN_OPTIONS", getenv("ASAN_OPTIONS"));
	return !e->failed;
}

static int
add_actions(posix_spawn_file_actions_t *actions, int etc, int in, int out)
{
	int r = posix_spawn_file_actions_adddup2(actions, out, 1);
	if (!r)
		r = in < 0 ? posix_spawn_file_actions_addopen(actions, 0,
		                 "/dev/null", O_RDONLY, 0)
		           : posix_spawn_file_actions_adddup2(actions, in, 0);
	if (!r)
		r = posix_spawn_file_actions_adddup2(actions, etc, FD_ETC);
	return r;
}

/* Signals as they are by default: SIGALRM ends it. */
static int
spawn(struct https_program const *p, char const *argument, char *const *env,
    int in, int out, pid_t *pid)
{
	union words argv = { .in = { p->name, argument, NULL } };
	posix_spawn_file_actions_t actions;
	char path[FD_PATH_MAX];
	name_descriptor(p->program, path);
	int r = posix_spawn_file_actions_init(&actions);
	if (r)
		return r;
	if (!(r = add_actions(&actions, p->etc, in, out)))
		r = program_spawn(path, &actions, false, argv.out, env, pid);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

static int
wait_for(char const *name, pid_t pid)
{
	char how[40];
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_TEMP;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	snprintf(how, sizeof how, "signal %d", WTERMSIG(status));
	log_event("error", "what", "run program", "object", name, "ended", how,
	    (char *)NULL);
	return EXIT_TEMP;
}

/* Its exit status, with all that it wrote; -1 it could not be started. */
static int
run(struct https_program const *p, char const *argument, int in,
    char *const *env, stralloc *text, size_t most)
{
	int ends[2];
	pid_t pid;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		log_error("prepare program", p->name, errno);
		return -1;
	}
	int r = spawn(p, argument, env, in, ends[1], &pid);
	close(ends[1]);
	if (r)
		program_log_failure(p->name, r);
	else if (!file_read(ends[0], text, most))
		log_error("read from program", p->name, errno);
	close(ends[0]);
	return r ? -1 : wait_for(p->name, pid);
}

int
https_program_run(struct https_program const *p, char const *argument, int in,
    stralloc *text, size_t most)
{
	struct environment env;
	int status = -1;
	if (p->program < 0 || p->etc < 0) {
		log_error("open program", p->name, ENOENT);
		return -1;
	}
	if (fill_environment(&env))
		status = run(p, argument, in, env.entry, text, most);
	environment_free(&env);
	return status;
}
