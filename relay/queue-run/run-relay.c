/* SPDX-License-Identifier: ISC */
#include "run-relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "path.h"
#include "program.h"
#include "queue.h"
#include "smtp-time.h"

enum {
	SECONDS_MAX = 20 * 86400,
	DEATH = 10 /* seconds: what hangs in the kernel does not even die */
};

/* --- SIGTERM ----------------------------------------------------------------------- */

static volatile sig_atomic_t ending;
static volatile sig_atomic_t running; /* relay's id; 0: none */

static void
on_sigterm(int sig)
{
	int saved = errno;
	ending = 1;
	if (running)
		kill((pid_t)running, sig);
	errno = saved;
}

void
run_relay_watch(void)
{
	struct sigaction act = { .sa_handler = on_sigterm,
		.sa_flags = SA_RESTART };
	sigemptyset(&act.sa_mask);
	sigaction(SIGTERM, &act, NULL);
}

bool
run_relay_is_ending(void)
{
	return ending;
}

/* --- its start --------------------------------------------------------------------- */

/* relay reads the names from a pipe, and is in a group of its own: what ends us at
 * a terminal lets it finish. */
static int
spawn_relay(char const *program, char *const *argv, int in, int out, pid_t *pid)
{
	extern char **environ;
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);
	if (r)
		return r;
	if (!(r = posix_spawn_file_actions_adddup2(&actions, in, 0)) &&
	    !(r = posix_spawn_file_actions_adddup2(&actions, out, 1)))
		r = program_spawn(program, &actions, true, argv, environ, pid);
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

/* --- its end ----------------------------------------------------------------------- */

static uint64_t
largest(int queue, struct batch const *b)
{
	uint64_t most = 0;
	struct stat st;
	for (size_t i = 0; i < b->count; i++)
		if (fstatat(queue, b->path[i], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (uint64_t)st.st_size > most)
			most = (uint64_t)st.st_size;
	return most;
}

/* Until relay has ended, which ends its output. False: it has shown nothing for
 * SECONDS, where each line is a result. */
static bool
follow(int results, uint64_t seconds)
{
	char lines[4096];
	struct pollfd p = { .fd = results, .events = POLLIN };
	int limit = (int)(seconds < SECONDS_MAX ? seconds : SECONDS_MAX) * 1000;
	for (;;) {
		int r = poll(&p, 1, limit);
		if (r == 0)
			return false;
		if (r < 0 && errno != EINTR)
			return true;
		if (r > 0 && read(results, lines, sizeof lines) <= 0)
			return true;
	}
}

/* What it did is in the files; how it ended is for the log. */
static void
log_end(struct batch const *b, pid_t pid)
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

static void
wait_for_relay(struct settings const *s, int queue, struct batch const *b,
    pid_t pid, int results)
{
	bool ended = follow(results, smtp_time_result(s, largest(queue, b)));
	running = 0;
	if (!ended) {
		log_event("error", "what", "wait for relay", "destination",
		    b->destination, "reason", "it takes too long: killed",
		    (char *)NULL);
		kill(-pid, SIGKILL);
		ended = follow(results, DEATH);
	}
	if (ended)
		log_end(b, pid);
}

/* --- all of it --------------------------------------------------------------------- */

/* Nobody writes to the words: execve's type is older than const. */
union words {
	char const *in[3];
	char *out[3];
};

/* Its standard input and output. */
struct pipes {
	int names[2], results[2];
};

static bool
open_pipes(struct pipes *p)
{
	if (pipe2(p->names, O_CLOEXEC) < 0)
		return false;
	if (pipe2(p->results, O_CLOEXEC) == 0)
		return true;
	int saved = errno;
	close(p->names[0]);
	close(p->names[1]);
	errno = saved;
	return false;
}

void
run_relay(struct settings const *s, int queue, struct batch const *b)
{
	union words argv = { .in = { "relay", b->destination, NULL } };
	stralloc program = STRALLOC_ZERO;
	struct pipes p;
	pid_t pid = 0;
	if (!path_program(&program, "relay") || !open_pipes(&p)) {
		log_error("prepare program", "relay", errno);
		return;
	}
	int r =
	    spawn_relay(program.s, argv.out, p.names[0], p.results[1], &pid);
	running = r ? 0 : pid;
	if (running && ending)
		kill(pid, SIGTERM);
	close(p.names[0]);
	close(p.results[1]);
	if (r)
		program_log_failure(program.s, r);
	else if (!write_names(b, p.names[1]))
		log_error("write names to", program.s, errno);
	close(p.names[1]);
	if (!r)
		wait_for_relay(s, queue, b, pid, p.results[0]);
	close(p.results[0]);
	stralloc_free(&program);
}
