/* SPDX-License-Identifier: ISC */
#include "batch.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dead-hops.h"
#include "local.h"
#include "log.h"
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

/* --- next hops that are dead ---------------------------------------------------------- */

/* Whether it is the host's doing: not that of this server, and not that of the
 * message, amid which it was lost. */
static bool
is_about_host(struct queue_recipient const *r)
{
	static char const *const before_mail[] = { " at greeting", " at EHLO",
		" at HELO", " at STARTTLS" };
	char const *last = r->answer ? strstr(r->answer, " at ") : NULL;
	for (char const *next = last; next; next = strstr(next + 1, " at "))
		last = next;
	if (strcmp(r->status, "4.4.2") != 0 && strcmp(r->status, "4.5.0") != 0)
		return strncmp(r->status, "4.3.", 4) != 0;
	for (size_t i = 0; last && i < 4; i++)
		if (strcmp(last, before_mail[i]) == 0)
			return true;
	return false;
}

/* The answer to the first of what was tried since then, when it is about the
 * next hop. "" for none. */
static void
find_why(int queue, struct batch const *b, int64_t since,
    char why[DEAD_HOP_WHY_MAX])
{
	struct queue_file f = QUEUE_FILE_ZERO;
	*why = 0;
	if (queue_file_open(queue, b->path[0], QUEUE_LOOK, &f) != QUEUE_OK) {
		queue_file_close(&f);
		return;
	}
	for (size_t i = 0; !*why && i < queue_count(&f.entry); i++) {
		struct queue_recipient const *r = queue_recipient(&f.entry, i);
		if (r->state == QUEUE_WAITING && r->tried >= since &&
		    r->status && is_about_host(r))
			snprintf(why, DEAD_HOP_WHY_MAX, "%s",
			    r->answer ? r->answer : r->status);
	}
	queue_file_close(&f);
}

static void
remember(struct settings const *s, struct batch const *b, char const *why,
    size_t silent, size_t answered)
{
	struct dead_hop hop;
	int64_t now = time(NULL);
	if (silent == b->count && *why) {
		dead_hop_note(b->dead, s, b->identity, now, why);
	} else if (answered && dead_hop_get(b->dead, b->identity, now, &hop)) {
		dead_hop_forget(b->dead, b->identity);
		log_event("queue", "destination", b->destination, "result",
		    "answers-again", (char *)NULL);
	}
}

/* --- the process ------------------------------------------------------------------- */

/* Why nothing of it is tried; NULL when nothing is left to try. */
static struct dead_hop const *
find_dead(struct batch const *b, struct dead_hop *hop)
{
	return b->way == BATCH_SETTLE && *b->destination && b->dead &&
	        dead_hop_get(b->dead, b->identity, time(NULL), hop)
	    ? hop
	    : NULL;
}

/* Asked to end, it leaves what waits its name: the next run takes it on. */
static int
run(struct settings const *s, int queue, struct batch const *b)
{
	size_t silent = 0, answered = 0;
	bool relayed =
	    b->way == BATCH_TRY && strcmp(b->destination, QUEUE_LOCAL) != 0;
	char why[DEAD_HOP_WHY_MAX] = "";
	int64_t start = time(NULL);
	struct dead_hop hop;
	struct dead_hop const *dead = find_dead(b, &hop);
	if (b->way == BATCH_TRY)
		try(s, queue, b);
	if (relayed)
		find_why(queue, b, start, why);
	for (size_t i = 0; i < b->count; i++) {
		if (run_relay_is_ending()) {
			settle_done(s, queue, b->path[i]);
			continue;
		}
		enum settle r = settle_file(s, queue, b->path[i], dead);
		silent += r == SETTLE_SILENT;
		answered += r == SETTLE_ANSWERED;
	}
	if (relayed && b->dead)
		remember(s, b, why, silent, answered);
	return relayed && silent == b->count ? BATCH_SILENT : 0;
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
