/* SPDX-License-Identifier: ISC */
/* queue-run: takes on all queued mail that is due, and ends when nothing is. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arrivals.h"
#include "batch.h"
#include "dead-hops.h"
#include "descriptors.h"
#include "exitcode.h"
#include "log.h"
#include "look.h"
#include "monotonic.h"
#include "plan.h"
#include "queue.h"
#include "routes.h"
#include "settings.h"

enum {
	LOOK_EVERY = 60,  /* seconds: for what became due meanwhile */
	SOON = 1,         /* the same where we are not told of arrivals */
	WATCH_AFTER = 50, /* milliseconds */
	LOOK_NAMES =
	    10000,       /* between two looks at what has arrived or ended: */
	LOOK_FILES = 500 /* so many names, or files that are due */
};

struct worker {
	pid_t pid; /* 0: none */
	struct plan_batch batch;
};

struct runner {
	struct settings settings;
	struct routes routes;
	int queue;
	int signals;
	int64_t started; /* monotonic_ms */
	bool watched;    /* to be told of arrivals was asked for */
	int arrivals;    /* -1: we are not */
	bool ending;     /* nothing new is begun */
	bool failed;
	bool all_seen; /* nothing was begun since the last look began */
	struct look look;
	struct hash_file dead;
	struct plan plan;
	struct worker *worker;
	size_t workers, running;
};

/* --- set-up ------------------------------------------------------------------------ */

static int
fail(char const *what, char const *object)
{
	log_error(what, object, errno);
	return EXIT_TEMP;
}

static int
open_signals(void)
{
	sigset_t wanted;
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &wanted, NULL) < 0)
		return -1;
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int
open_all(struct runner *r)
{
	umask(077);
	if (!settings_load(&r->settings))
		return EXIT_TEMP;
	if ((r->queue = queue_open()) < 0)
		return fail("open", "queue");
	if ((r->signals = open_signals()) < 0)
		return fail("wait for", "signals");
	uint64_t limit = r->settings.default_process_limit;
	r->workers = limit < 1 ? 1 : limit > 1000 ? 1000 : (size_t)limit;
	r->worker = calloc(r->workers, sizeof *r->worker);
	if (!r->worker)
		return fail("start", "queue-run");
	r->arrivals = -1;
	r->started = monotonic_ms();
	/* without it, relay fails, but not the delivery of this server */
	(void)routes_open(&r->routes, &r->settings);
	plan_init(&r->plan, &r->settings, &r->routes, r->queue, r->workers);
	if (dead_hops_open(&r->dead))
		r->plan.dead = &r->dead;
	return EXIT_OK;
}

/* --- looking ----------------------------------------------------------------------- */

/* Whether it is the file, and not something that we have too little of. */
static bool
is_of_the_file(int errnum)
{
	return errnum == EACCES || errnum == EPERM || errnum == EIO;
}

/* A file that cannot be read would have us started, and fail, each second: it is
 * looked at again later. Nobody can have its lock. */
static void
put_off(struct runner *r, struct queue_name const *name)
{
	struct queue_name later;
	queue_name_make(&later, QUEUE_DEFERRED,
	    time(NULL) + (int64_t)r->settings.minimal_backoff_time,
	    queue_name_id(name));
	if (renameat(r->queue, name->path, r->queue, later.path) < 0 &&
	    errno != ENOENT)
		log_error("put off", name->path, errno);
}

static void
add(struct runner *r, struct queue_name const *name)
{
	if (plan_add(&r->plan, name, time(NULL)))
		return;
	int saved = errno;
	log_error("look at queue file", name->path, saved);
	r->failed = true;
	if (is_of_the_file(saved))
		put_off(r, name);
}

static void
look(struct runner *r)
{
	arrivals_drop_foreign(r->queue);
	look_begin(&r->look, r->queue, &r->settings, time(NULL));
	r->all_seen = true;
}

/* From now on we are told of what arrives; what did before is looked for. The end
 * of one who is told takes the kernel 10 milliseconds and more, in which nobody
 * takes on what comes: who ends soon does without, and looks at its end. */
static void
watch(struct runner *r)
{
	r->watched = true;
	r->arrivals = arrivals_open(r->queue);
	look(r);
}

/* A part of what there is to look at. Where that is not all, there is enough to do
 * for longer. */
static void
look_on(struct runner *r)
{
	struct queue_name name;
	unsigned int names = LOOK_NAMES;
	for (int i = 0; i < LOOK_FILES && look_next(&r->look, &names, &name);
	     i++)
		add(r, &name);
	if (r->look.under_way && !r->watched)
		watch(r);
}

/* --- batches ----------------------------------------------------------------------- */

static struct worker *
find_worker(struct runner *r, pid_t pid)
{
	for (size_t i = 0; i < r->workers; i++)
		if (r->worker[i].pid == pid)
			return &r->worker[i];
	return NULL;
}

/* A change of the maps is live at the next batch. What cannot be read is not
 * tried again before the next change. */
static void
renew(struct runner *r)
{
	static struct settings settings;
	struct routes routes;
	if (!routes_are_old(&r->routes))
		return;
	bool ok = settings_load(&settings);
	ok = routes_open(&routes, &settings) && ok;
	if (!ok) {
		memcpy(r->routes.read, routes.read, sizeof routes.read);
		routes_close(&routes);
		return;
	}
	bool same = routes_are_same(&r->routes, &routes);
	routes_close(&r->routes);
	r->settings = settings;
	r->routes = routes;
	if (!same)
		plan_renew(&r->plan, time(NULL));
}

static void
start_batches(struct runner *r)
{
	if (!r->ending)
		renew(r);
	while (r->running < r->workers && !r->ending) {
		struct worker *w = find_worker(r, 0);
		if (!plan_take(&r->plan, &w->batch, time(NULL)))
			return;
		w->pid = batch_start(&r->settings, r->queue, &w->batch.batch);
		r->all_seen = false;
		if (w->pid > 0) {
			r->running++;
			continue;
		}
		log_error("start process for", w->batch.batch.destination,
		    errno);
		w->pid = 0;
		r->failed = true;
		plan_end(&r->plan, &w->batch, false, time(NULL));
	}
}

static void
end_batches(struct runner *r)
{
	pid_t pid;
	int status;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0 ||
	    (pid < 0 && errno == EINTR)) {
		struct worker *w = find_worker(r, pid);
		if (!w)
			continue;
		bool silent =
		    WIFEXITED(status) && WEXITSTATUS(status) == BATCH_SILENT;
		plan_end(&r->plan, &w->batch, silent, time(NULL));
		w->pid = 0;
		r->running--;
	}
}

/* --- the story --------------------------------------------------------------------- */

/* What runs comes to an end where nothing is in doubt. */
static void
end_soon(struct runner *r)
{
	r->ending = true;
	for (size_t i = 0; i < r->workers; i++)
		if (r->worker[i].pid > 0)
			kill(r->worker[i].pid, SIGTERM);
}

static void
take_signals(struct runner *r)
{
	struct signalfd_siginfo info;
	while (read(r->signals, &info, sizeof info) == sizeof info)
		if (info.ssi_signo != SIGCHLD)
			end_soon(r);
	end_batches(r);
}

static void
take_arrivals(struct runner *r)
{
	struct queue_name name;
	int more;
	while ((more = arrivals_next(r->arrivals, &name)) > 0)
		add(r, &name);
	if (more < 0) /* there were too many */
		look(r);
}

/* Milliseconds until it is time to look; -1: never. */
static int
time_left(struct runner const *r)
{
	int64_t every = r->arrivals < 0 ? SOON : LOOK_EVERY;
	int64_t left = r->look.begun + every - time(NULL);
	if (r->ending)
		return -1;
	if (r->look.under_way)
		return 0;
	/* more is left when the clock was put back */
	return left <= 0 ? 0 : (int)(left < every ? left : every) * 1000;
}

/* The same until we want to be told of what arrives. */
static int
unwatched_left(struct runner const *r)
{
	int64_t gone = monotonic_ms() - r->started;
	if (r->watched || r->ending)
		return -1;
	return gone < WATCH_AFTER ? (int)(WATCH_AFTER - gone) : 0;
}

static int
sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Until something happens, or it is time to look. */
static void
wait_for_news(struct runner *r)
{
	struct pollfd p[2] = {
		{ .fd = r->signals, .events = POLLIN },
		{ .fd = r->ending ? -1 : r->arrivals, .events = POLLIN },
	};
	if (poll(p, 2, sooner(time_left(r), unwatched_left(r))) < 0)
		return;
	if (p[0].revents)
		take_signals(r);
	if (p[1].revents && !r->ending)
		take_arrivals(r);
	if (r->look.under_way && !r->ending)
		look_on(r);
	else if (unwatched_left(r) == 0)
		watch(r);
	else if (time_left(r) == 0)
		look(r);
}

/* Nothing runs. What arrived before we look for the last time is taken on; what
 * arrives later starts another of us. */
static bool
is_over(struct runner *r)
{
	if (r->running || (r->look.under_way && !r->ending))
		return false;
	if (!r->ending && !r->all_seen)
		look(r);
	return r->ending || !r->look.under_way;
}

/* Mail that stays in new/ has us started again at once: not more than once in a
 * second. */
static void
pause_if_left(struct runner *r)
{
	struct pollfd p = { .fd = r->signals, .events = POLLIN };
	if (!r->ending && (r->failed || r->plan.left))
		poll(&p, 1, SOON * 1000);
}

static int
run(struct runner *r)
{
	while (!is_over(r)) {
		wait_for_news(r);
		start_batches(r);
	}
	queue_sweep(r->queue);
	pause_if_left(r);
	return r->failed || r->look.failed ? EXIT_TEMP : EXIT_OK;
}

int
main(int argc, char **argv)
{
	static struct runner r;
	int status;
	(void)argv;
	if (!descriptors_ready(0))
		return EXIT_TEMP;
	log_open("queue-run");
	signal(SIGXFSZ, SIG_IGN);
	if (argc != 1) {
		dprintf(2, "usage: queue-run\n");
		return EXIT_USE;
	}
	if ((status = open_all(&r)) != EXIT_OK)
		return status;
	return run(&r);
}
