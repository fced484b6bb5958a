/* SPDX-License-Identifier: ISC */
#include "batch.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "local.h"
#include "queue.h"
#include "run-relay.h"
#include "settle.h"

static void
try(struct settings const *s, int queue, struct batch const *b)
{
	if (strcmp(b->destination, QUEUE_LOCAL) != 0) {
		run_relay(s, queue, b);
		return;
	}
	for (size_t i = 0; i < b->count && !run_relay_is_ending(); i++)
		local_try(s, queue, b->path[i]);
}

/* Asked to end, it leaves what waits its name: the next run takes it on. */
static int
run(struct settings const *s, int queue, struct batch const *b)
{
	size_t silent = 0;
	if (b->way == BATCH_TRY)
		try(s, queue, b);
	for (size_t i = 0; i < b->count; i++)
		if (run_relay_is_ending())
			settle_done(s, queue, b->path[i]);
		else
			silent +=
			    settle_file(s, queue, b->path[i]) == SETTLE_SILENT;
	return silent == b->count && b->way == BATCH_TRY &&
	        strcmp(b->destination, QUEUE_LOCAL) != 0
	    ? BATCH_SILENT
	    : 0;
}

/* Who is to end says so by SIGTERM; at a terminal queue-run does. */
static void
set_signals(void)
{
	static int const ignored[] = { SIGPIPE, SIGINT, SIGHUP };
	sigset_t none;
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	run_relay_watch();
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
