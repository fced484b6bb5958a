/* SPDX-License-Identifier: ISC */
#include "batch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "local.h"
#include "log.h"
#include "path.h"
#include "program.h"
#include "queue.h"
#include "settle.h"

/* --- relay ----------------------------------------------------------------------- */

/* posix_spawnp is as program_exec: it asks no shell. relay reads the names from a
 * pipe, and is in a group of its own, with all signals as they are by default:
 * what ends us at a terminal lets it finish. */
static int
spawn_relay(char const *program, char *const *argv, int in, pid_t *pid)
{
	extern char **environ;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	int r = posix_spawn_file_actions_init(&actions);
	if (r)
		return r;
	if ((r = posix_spawnattr_init(&attr))) {
		posix_spawn_file_actions_destroy(&actions);
		return r;
	}
	if (!(r = posix_spawn_file_actions_adddup2(&actions, in, 0)) &&
	    !(r = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null",
	          O_WRONLY, 0)) &&
	    !(r = posix_spawnattr_setsigmask(&attr, &none)) &&
	    !(r = posix_spawnattr_setsigdefault(&attr, &all)) &&
	    !(r = posix_spawnattr_setpgroup(&attr, 0)) &&
	    !(r = posix_spawnattr_setflags(&attr,
	          POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
	              POSIX_SPAWN_SETPGROUP)))
		r = posix_spawnp(pid, program, &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

static bool
write_names(struct batch const *b, int fd)
{
	for (size_t i = 0; i < b->count; i++) {
		char line[QUEUE_NAME_MAX + 2];
		int n = snprintf(line, sizeof line, "%s\n", b->path[i]);
		if (!file_write(fd, line, (size_t)n))
			return false;
	}
	return true;
}

/* What it did is in the files; how it ended is for the log. */
static void
wait_for_relay(struct batch const *b, pid_t pid)
{
	char text[40];
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return;
	if (status == 0)
		return;
	if (WIFSIGNALED(status))
		snprintf(text, sizeof text, "signal %d", WTERMSIG(status));
	else
		snprintf(text, sizeof text, "status %d", WEXITSTATUS(status));
	log_event("queue", "destination", b->destination, "program", "relay",
	    "ended", text, (char *)NULL);
}

/* Nobody writes to the words: execve's type is older than const. */
union words {
	char const *in[3];
	char *out[3];
};

static void
run_relay(struct batch const *b)
{
	union words argv = { .in = { "relay", b->destination, NULL } };
	stralloc program = STRALLOC_ZERO;
	int names[2];
	pid_t pid;
	if (!path_program(&program, "relay") || pipe2(names, O_CLOEXEC) < 0) {
		log_error("prepare program", "relay", errno);
		return;
	}
	int r = spawn_relay(program.s, argv.out, names[0], &pid);
	close(names[0]);
	if (r)
		program_log_failure(program.s, r);
	else if (!write_names(b, names[1]))
		log_error("write names to", program.s, errno);
	close(names[1]);
	if (!r)
		wait_for_relay(b, pid);
	stralloc_free(&program);
}

/* --- the process ------------------------------------------------------------------- */

static void
try(struct settings const *s, int queue, struct batch const *b)
{
	if (strcmp(b->destination, QUEUE_LOCAL) != 0) {
		run_relay(b);
		return;
	}
	for (size_t i = 0; i < b->count; i++)
		local_try(s, queue, b->path[i]);
}

static int
run(struct settings const *s, int queue, struct batch const *b)
{
	size_t silent = 0;
	if (b->way == BATCH_TRY)
		try(s, queue, b);
	for (size_t i = 0; i < b->count; i++)
		silent += settle_file(s, queue, b->path[i]) == SETTLE_SILENT;
	return silent == b->count && b->way == BATCH_TRY &&
	        strcmp(b->destination, QUEUE_LOCAL) != 0
	    ? BATCH_SILENT
	    : 0;
}

/* What was begun is ended, whoever asks for the end: a try lasts as long as the
 * time limits of its dialogue. */
static void
set_signals(void)
{
	static int const ignored[] = { SIGPIPE, SIGTERM, SIGINT, SIGHUP };
	sigset_t none;
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t
batch_start(struct settings const *s, int queue, struct batch const *b)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	set_signals();
	_exit(run(s, queue, b));
}
