/* SPDX-License-Identifier: ISC */
/* The queue at a glance, and a hand in it. Everything streams: a file is
 * opened, printed and closed. */
#include "besace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dead-hops.h"
#include "exitcode.h"
#include "log.h"
#include "path.h"
#include "queue-print.h"
#include "queue-walk.h"
#include "queue-words.h"
#include "queue.h"
#include "routes.h"
#include "settings.h"

enum {
	LOGGED_ID = QUEUE_NAME_MAX + 8,
	LONG_AGO = 300 /* seconds: queue-run is started each minute */
};

static int
usage(void)
{
	fputs("usage: besace queue list [FILTER]... [DOMAIN]\n"
	      "       besace queue show ID\n"
	      "       besace queue retry|hold|release|drop ID...\n"
	      "       besace queue retry|hold|release FILTER...\n"
	      "       besace queue drop FILTER... [--yes]\n"
	      "       besace queue flush [FILTER]... [DOMAIN]\n"
	      "ID is as the list and the log have it; DOMAIN is a destination, or "
	      "\"local\"; FILTER is one of\n"
	      "       --domain DOMAIN, --sender ADDRESS, --recipient ADDRESS,\n"
	      "       --box new|deferred|hold|corrupt, --older TIME (2h, 3d), "
	      "--all\n"
	      "and ADDRESS may be @DOMAIN, or <> for no sender\n",
	    stderr);
	return EXIT_USE;
}

static int
open_queue(void)
{
	int queue = queue_open();
	if (queue < 0)
		fprintf(stderr, "besace: unable to open %s/queue: %s\n",
		    path_var(), strerror(errno));
	return queue;
}

/* --- all files -------------------------------------------------------------- */

/* Whether it should have been tried long ago: a file of new/ came there when it
 * was last renamed. */
static bool
is_overdue(struct queue_file const *f, int64_t now)
{
	struct stat st;
	if (f->name.box == QUEUE_DEFERRED)
		return f->name.due < now - LONG_AGO;
	return f->name.box == QUEUE_NEW && fstat(f->fd, &st) == 0 &&
	    st.st_ctime < now - LONG_AGO;
}

static bool
list_one(struct queue_walk *w, struct queue_file *f)
{
	bool damaged = !f->entry.group;
	w->count++;
	w->overdue += !damaged && is_overdue(f, w->now);
	if (!damaged)
		return queue_print_file(f, &w->text, w->now);
	return printf("%s damaged: see %s/queue/%s\n", queue_name_id(&f->name),
	           path_var(), f->name.path) > 0;
}

static char const *
messages(size_t count)
{
	return count == 1 ? "message" : "messages";
}

/* Nobody else would ever say that they are there. In new/, queue-run moves them
 * to corrupt/. */
static void
complain_of_foreign(struct queue_walk const *w)
{
	for (unsigned int i = 0; i < QUEUE_BOXES; i++)
		if (w->foreign[i])
			fprintf(stderr,
			    "besace: %zu %s in %s/queue/%s that no part of "
			    "besace has named so: never tried\n",
			    w->foreign[i],
			    w->foreign[i] == 1 ? "file" : "files", path_var(),
			    queue_box_name((enum queue_box)i));
}

static int
list(int queue, struct queue_filter const *filter)
{
	struct queue_walk w = { .queue = queue,
		.lock = QUEUE_LOOK,
		.filter = *filter,
		.call = list_one,
		.text = STRALLOC_ZERO };
	bool ok = queue_walk(&w, QUEUE_ALL_BOXES);
	printf("%zu %s\n", w.count, messages(w.count));
	if (w.overdue)
		fprintf(stderr,
		    "besace: %zu of them should have been tried more than %d "
		    "minutes ago: see that queue-run is started (systemctl "
		    "enable --now besace-queue.path besace-queue.timer)\n",
		    w.overdue, LONG_AGO / 60);
	complain_of_foreign(&w);
	stralloc_free(&w.text);
	return ok ? EXIT_OK : EXIT_IO;
}

/* --- changes ----------------------------------------------------------------- */

/* What is to be logged of a file when it is changed: by then it may be closed. */
static void
note_file(struct queue_file const *f, char id[LOGGED_ID])
{
	snprintf(id, LOGGED_ID, "queue/%s", queue_name_id(&f->name));
	log_uid(f->entry.uid);
}

/* In the log of the message, which then shows what became of it. */
static void
log_change(char const *id, char const *action)
{
	log_to_syslog();
	log_event("queue", "id", id, "action", action, (char *)NULL);
}

/* Who has it tried now has its next hops tried, too. */
static void
forget_dead_hops(struct queue_entry const *e)
{
	static struct settings settings;
	static struct routes routes;
	static struct hash_file dead = { .fd = -1 };
	static struct way w;
	stralloc sa = STRALLOC_ZERO;
	if (!e->group || strcmp(e->group, QUEUE_LOCAL) == 0 ||
	    !dead_hops_exist())
		return;
	if (dead.fd < 0 &&
	    (!settings_load(&settings) || !routes_open(&routes, &settings) ||
	        !dead_hops_open(&dead)))
		return;
	for (size_t i = 0; i < queue_count(e); i++, sa.len = 0) {
		char const *domain = queue_domain(e, queue_recipient(e, i));
		if (routes_find(&routes, e->sender, domain, &w) &&
		    way_identity(&w, domain, &sa) && stralloc_0(&sa))
			dead_hop_forget(&dead, sa.s);
	}
	explicit_bzero(&w, sizeof w);
	stralloc_free(&sa);
}

static enum queue_result
move(struct queue_file *f, char const *action, enum queue_box box)
{
	char id[LOGGED_ID];
	note_file(f, id);
	if (box == QUEUE_NEW)
		forget_dead_hops(&f->entry);
	enum queue_result r = queue_move(f, box, 0);
	if (r == QUEUE_OK)
		log_change(id, action);
	return r;
}

/* --- one of them ------------------------------------------------------------ */

/* 1 and the name of ID, 0 when there is none, -1 and said. */
static int
find(int queue, char const *id, struct queue_name *name)
{
	struct queue_list l;
	if (strncmp(id, "queue/", 6) == 0)
		id += 6;
	for (unsigned int i = 0; i < QUEUE_BOXES; i++) {
		int more = -1;
		if (queue_list_open(&l, queue, (enum queue_box)i)) {
			while ((more = queue_list_next(&l, name)) > 0 &&
			    strcmp(queue_name_id(name), id) != 0)
				continue;
			queue_list_close(&l);
		}
		if (more > 0)
			return 1;
		if (more < 0) {
			queue_complain("read queue/", queue_box_name(i));
			return -1;
		}
	}
	fprintf(stderr,
	    "besace: %s is not in the queue (\"besace queue list\" shows what "
	    "is)\n",
	    id);
	return 0;
}

/* The file of ID, open. EXIT_OK, else said. */
static int
open_id(int queue, char const *id, enum queue_lock lock, struct queue_file *f)
{
	struct queue_name name;
	int found = find(queue, id, &name);
	if (found <= 0)
		return found ? EXIT_IO : EXIT_NOUSER;
	switch (queue_file_open(queue, name.path, lock, f)) {
	case QUEUE_GONE:
		fprintf(stderr, "besace: %s has just left the queue\n", id);
		return EXIT_NOUSER;
	case QUEUE_BUSY:
		fprintf(stderr,
		    "besace: %s is being tried at this moment; come again\n",
		    id);
		return EXIT_TEMP;
	case QUEUE_ERROR:
		return queue_complain("read", name.path);
	case QUEUE_OK:
	case QUEUE_DAMAGED:
		break;
	}
	return EXIT_OK;
}

static int
show(int queue, char const *id)
{
	struct queue_file f;
	stralloc text = STRALLOC_ZERO;
	int code = open_id(queue, id, QUEUE_LOOK, &f);
	if (code != EXIT_OK)
		return code;
	if (!f.entry.group) {
		printf("%s damaged: see %s/queue/%s\n", id, path_var(),
		    f.name.path);
		code = EXIT_MALFORMED;
	} else if (!queue_print(&text, queue_words_details(&text, &f)) ||
	    !queue_print_recipients(&f, &text, time(NULL)) ||
	    !queue_print_header(&f, &text))
		code = queue_complain("show", f.name.path);
	stralloc_free(&text);
	queue_file_close(&f);
	return code;
}

/* --- what can be done ------------------------------------------------------- */

/* Back to new/, which wakes the runner. */
static enum queue_result
retry(struct queue_file *f)
{
	if (f->name.box == QUEUE_HOLD) {
		fprintf(stderr,
		    "besace: %s is on hold: \"besace queue release\" it\n",
		    queue_name_id(&f->name));
		return QUEUE_BUSY;
	}
	return move(f, "retry", QUEUE_NEW);
}

static enum queue_result
hold(struct queue_file *f)
{
	return move(f, "hold", QUEUE_HOLD);
}

static enum queue_result
release(struct queue_file *f)
{
	return f->name.box == QUEUE_HOLD || f->name.box == QUEUE_CORRUPT
	    ? move(f, "release", QUEUE_NEW)
	    : QUEUE_OK;
}

static enum queue_result
drop(struct queue_file *f)
{
	char id[LOGGED_ID];
	note_file(f, id);
	enum queue_result r = queue_remove(f);
	if (r == QUEUE_OK)
		log_change(id, "drop");
	return r;
}

/* BOXES: where there is something to do, when it is not said by id. */
static struct change {
	char const *name;
	enum queue_result (*call)(struct queue_file *f);
	unsigned int boxes;
	char const *done;
} const changes[] = {
	{ "retry", retry, 1 << QUEUE_DEFERRED, "tried now" },
	{ "hold", hold, 1 << QUEUE_NEW | 1 << QUEUE_DEFERRED, "on hold" },
	{ "release", release, 1 << QUEUE_HOLD, "tried now" },
	{ "drop", drop, QUEUE_ALL_BOXES, "dropped" },
};

static struct change const *
find_change(char const *verb)
{
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		if (strcmp(changes[i].name, verb) == 0)
			return &changes[i];
	return NULL;
}

/* What was removed stays so. */
static bool
sync_boxes(int queue)
{
	for (unsigned int i = 0; i < QUEUE_BOXES; i++)
		if (!queue_sync(queue, (enum queue_box)i)) {
			queue_complain("sync queue/",
			    queue_box_name((enum queue_box)i));
			return false;
		}
	return true;
}

/* --- by id ------------------------------------------------------------------ */

static int
change_id(int queue, struct change const *c, char const *id)
{
	struct queue_file f;
	int code = open_id(queue, id, QUEUE_TRY, &f);
	if (code != EXIT_OK)
		return code;
	enum queue_result r = c->call(&f);
	if (r == QUEUE_ERROR)
		code = queue_complain("change", f.name.path);
	queue_file_close(&f);
	return r == QUEUE_BUSY ? EXIT_TEMP : code;
}

static int
change_ids(int queue, struct change const *c, int argc, char *const *argv)
{
	int worst = EXIT_OK;
	for (int n = 0; n < argc; n++) {
		int code = change_id(queue, c, argv[n]);
		worst = code == EXIT_OK ? worst : code;
	}
	return sync_boxes(queue) ? worst : EXIT_IO;
}

/* --- by filter -------------------------------------------------------------- */

static bool
change_one(struct queue_walk *w, struct queue_file *f)
{
	enum queue_result r = w->change(f);
	if (r == QUEUE_ERROR)
		queue_complain("change", f->name.path);
	w->count += r == QUEUE_OK;
	return r != QUEUE_ERROR;
}

/* Mail is not lost by one word too few. */
static int
show_what_would_go(int queue, struct queue_filter const *filter)
{
	int code = list(queue, filter);
	fputs("besace: nothing is dropped: add --yes to drop these\n", stderr);
	return code == EXIT_OK ? EXIT_USE : code;
}

static int
change_all(int queue, struct change const *c, struct queue_filter const *filter)
{
	struct queue_walk w = { .queue = queue,
		.lock = QUEUE_TRY,
		.filter = *filter,
		.call = change_one,
		.change = c->call,
		.text = STRALLOC_ZERO };
	if (c->call == drop && !filter->yes)
		return show_what_would_go(queue, filter);
	bool ok = queue_walk(&w, c->boxes);
	printf("%zu %s %s %s\n", w.count, messages(w.count),
	    w.count == 1 ? "is" : "are", c->done);
	if (w.busy)
		fprintf(stderr,
		    "besace: %zu %s left alone, being tried at this moment; "
		    "come again\n",
		    w.busy, w.busy == 1 ? "is" : "are");
	if (!sync_boxes(queue) || !ok)
		return EXIT_IO;
	return w.busy ? EXIT_TEMP : EXIT_OK;
}

/* --- the words -------------------------------------------------------------- */

/* Runs VERB, whose options are taken off already. */
static int
run(int queue, char const *verb, struct queue_filter *filter, int argc,
    char *const *argv)
{
	struct change const *c = find_change(verb);
	bool flush = strcmp(verb, "flush") == 0;
	if (flush)
		c = find_change("retry");
	if (c && !flush && filter->given != (argc == 0))
		return usage();
	if (c && !flush && argc)
		return change_ids(queue, c, argc, argv);
	if (strcmp(verb, "show") == 0)
		return argc == 1 ? show(queue, argv[0]) : usage();
	if (argc > 1 || (argc && filter->domain) ||
	    (!c && strcmp(verb, "list") != 0))
		return usage();
	if (argc && !queue_filter_domain(filter, argv[0]))
		return usage();
	return c ? change_all(queue, c, filter) : list(queue, filter);
}

int
verb_queue(int argc, char *const *argv)
{
	struct queue_filter filter = QUEUE_FILTER_ALL;
	int at = 1, taken = 0;
	while (at < argc &&
	    (taken = queue_filter_take(&filter, argc - at, argv + at)) > 0)
		at += taken;
	if (argc < 1 || taken < 0)
		return usage();
	int queue = open_queue();
	if (queue < 0)
		return EXIT_IO;
	return run(queue, argv[0], &filter, argc - at, argv + at);
}
