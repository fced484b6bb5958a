/* SPDX-License-Identifier: ISC */
#include "serve-queue.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <errno.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "exitcode.h"
#include "path.h"
#include "program.h"

enum { EVERY = 60 }; /* seconds */

void
serve_queue_open(struct serve_queue *q, int log, sigset_t const *signals)
{
	stralloc path = STRALLOC_ZERO;
	*q = (struct serve_queue){ .news = -1, .log = log, .signals = signals };
	q->started = -EVERY;
	if (path_join(&path, path_var(), "queue/new"))
		q->news = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (q->news >= 0 &&
	    inotify_add_watch(q->news, path.s, IN_MOVED_TO | IN_ONLYDIR) < 0) {
		fprintf(stderr, "besace: unable to watch %s: %s\n", path.s,
		    strerror(errno));
		close(q->news);
		q->news = -1;
	}
	stralloc_free(&path);
}

int
serve_queue_timeout(struct serve_queue const *q, double now)
{
	double left = q->started + EVERY - now;
	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

/* In the child: a group of its own, so that what ends us at a terminal lets it
 * finish. */
static void
become_runner(struct serve_queue const *q, char *program, pid_t parent)
{
	char name[] = "queue-run";
	char *argv[] = { name, NULL };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 ||
	    getppid() != parent || null < 0 || dup2(null, 0) < 0 ||
	    dup2(q->log, 1) < 0 || dup2(q->log, 2) < 0 ||
	    sigprocmask(SIG_SETMASK, q->signals, NULL) < 0)
		_exit(EXIT_OSERR);
	program_exec(program, argv, environ);
	dprintf(2, "besace: unable to start %s: %s\n", program,
	    program_reason(program, errno));
	_exit(EXIT_UNAVAILABLE);
}

static void
start(struct serve_queue *q, double now)
{
	stralloc program = STRALLOC_ZERO;
	pid_t parent = getpid();
	q->started = now;
	q->again = false;
	if (path_program(&program, "queue-run")) {
		fflush(NULL);
		pid_t child = fork();
		if (child == 0)
			become_runner(q, program.s, parent);
		if (child > 0)
			setpgid(child, child);
		q->child = child > 0 ? child : 0;
	}
	if (!q->child)
		fprintf(stderr, "besace: unable to start queue-run: %s\n",
		    strerror(errno));
	stralloc_free(&program);
}

void
serve_queue_step(struct serve_queue *q, double now)
{
	char events[4096];
	while (q->news >= 0 && read(q->news, events, sizeof events) > 0)
		q->again = true;
	if (q->child)
		q->started = now; /* it looks each minute itself */
	else if (q->again || now >= q->started + EVERY)
		start(q, now);
}

void
serve_queue_ended(struct serve_queue *q)
{
	q->child = 0;
}
