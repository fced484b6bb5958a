/* SPDX-License-Identifier: ISC */
/* The queue at a glance, and a hand in it. Everything streams: a file is
 * opened, printed and closed. */
#include "besace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "exitcode.h"
#include "log.h"
#include "path.h"
#include "queue-value.h"
#include "queue-words.h"
#include "queue.h"

enum {
	LOGGED_ID = QUEUE_NAME_MAX + 8,
	HEADER_MAX = 65536, /* octets of a message's header that are shown */
	LONG_AGO = 300      /* seconds: queue-run is started each minute */
};

static int
usage(void)
{
	fputs("usage: besace queue list [DOMAIN]\n"
	      "       besace queue show ID\n"
	      "       besace queue retry|hold|release|drop ID...\n"
	      "       besace queue flush [DOMAIN]\n"
	      "ID is as the list and the log have it; DOMAIN is a destination, or "
	      "\"local\"\n",
	    stderr);
	return EXIT_USE;
}

static int
complain(char const *what, char const *object)
{
	fprintf(stderr, "besace: unable to %s %s: %s\n", what, object,
	    strerror(errno));
	return EXIT_IO;
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

/* --- one file --------------------------------------------------------------- */

static bool
put(stralloc const *text, int made)
{
	return made && fwrite(text->s, 1, text->len, stdout) == text->len;
}

static bool
print_recipients(struct queue_file const *f, stralloc *text, int64_t now)
{
	bool ok = true;
	for (size_t i = 0; ok && i < queue_count(&f->entry); i++) {
		text->len = 0;
		ok = put(text,
		    queue_words_recipient(text, f,
		        queue_recipient(&f->entry, i), now));
	}
	return ok;
}

static bool
print_file(struct queue_file const *f, stralloc *text, int64_t now)
{
	text->len = 0;
	return put(text, queue_words_message(text, f, now)) &&
	    print_recipients(f, text, now);
}

/* Tabs, with which header lines are often folded, as blanks: they would be
 * escaped. */
static void
blank_tabs(char *line)
{
	for (; *line; line++)
		if (*line == '\t')
			*line = ' ';
}

/* Each line of the message's header, made harmless. */
static bool
print_header(struct queue_file const *f, stralloc *text)
{
	static char header[HEADER_MAX];
	ssize_t len = pread(f->fd, header, sizeof header - 1, (off_t)f->start);
	char *save = NULL;
	if (len < 0)
		return false;
	header[len] = 0;
	char *end = strstr(header, "\n\n");
	if (end)
		end[1] = 0;
	putchar('\n');
	for (char *line = strtok_r(header, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		line[strcspn(line, "\r")] = 0;
		blank_tabs(line);
		text->len = 0;
		if (!put(text,
		        stralloc_cats(text, "    ") &&
		            queue_escape(text, line) &&
		            stralloc_append(text, '\n')))
			return false;
	}
	return true;
}

/* --- all files -------------------------------------------------------------- */

/* What is done with each file of a box; F is open, R how that went: OK or
 * DAMAGED. */
struct walk {
	int queue;
	enum queue_lock lock;
	char const *domain; /* NULL: all */
	bool (*call)(struct walk *w, struct queue_file *f, bool damaged);
	int64_t now;
	size_t count;
	size_t overdue;
	stralloc text;
};

static bool
is_wanted(struct walk const *w, struct queue_file const *f)
{
	return !w->domain ||
	    (f->entry.group && strcasecmp(f->entry.group, w->domain) == 0);
}

static bool
walk_file(struct walk *w, char const *path)
{
	struct queue_file f;
	enum queue_result r = queue_file_open(w->queue, path, w->lock, &f);
	if (r == QUEUE_GONE || r == QUEUE_BUSY)
		return true;
	if (r == QUEUE_ERROR) {
		complain("read", path);
		return false;
	}
	bool ok = !is_wanted(w, &f) || w->call(w, &f, r == QUEUE_DAMAGED);
	queue_file_close(&f);
	return ok;
}

/* False: said. */
static bool
walk_box(struct walk *w, enum queue_box box)
{
	struct queue_list l;
	struct queue_name name;
	int more = -1;
	bool ok = true;
	if (queue_list_open(&l, w->queue, box)) {
		while ((more = queue_list_next(&l, &name)) > 0)
			ok = walk_file(w, name.path) && ok;
		queue_list_close(&l);
	}
	if (more < 0)
		complain("read queue/", queue_box_name(box));
	return ok && more == 0;
}

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
list_one(struct walk *w, struct queue_file *f, bool damaged)
{
	w->count++;
	w->overdue += !damaged && is_overdue(f, w->now);
	if (!damaged)
		return print_file(f, &w->text, w->now);
	return printf("%s damaged: see %s/queue/%s\n", queue_name_id(&f->name),
	           path_var(), f->name.path) > 0;
}

static int
list(int queue, char const *domain)
{
	struct walk w = { .queue = queue,
		.lock = QUEUE_LOOK,
		.domain = domain,
		.call = list_one,
		.now = time(NULL),
		.text = STRALLOC_ZERO };
	bool ok = true;
	for (unsigned int i = 0; i < QUEUE_BOXES; i++)
		ok = walk_box(&w, (enum queue_box)i) && ok;
	printf("%zu %s\n", w.count, w.count == 1 ? "message" : "messages");
	if (w.overdue)
		fprintf(stderr,
		    "besace: %zu of them should have been tried more than %d "
		    "minutes ago: see that queue-run is started (systemctl "
		    "enable --now besace-queue.path besace-queue.timer)\n",
		    w.overdue, LONG_AGO / 60);
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

static enum queue_result
move(struct queue_file *f, char const *action, enum queue_box box)
{
	char id[LOGGED_ID];
	note_file(f, id);
	enum queue_result r = queue_move(f, box, 0);
	if (r == QUEUE_OK)
		log_change(id, action);
	return r;
}

/* Back to new/, which wakes the runner. */
static bool
flush_one(struct walk *w, struct queue_file *f, bool damaged)
{
	if (damaged)
		return true;
	enum queue_result r = move(f, "retry", QUEUE_NEW);
	if (r == QUEUE_ERROR)
		complain("move", f->name.path);
	w->count += r == QUEUE_OK;
	return r != QUEUE_ERROR;
}

static int
flush(int queue, char const *domain)
{
	struct walk w = { .queue = queue,
		.lock = QUEUE_TRY,
		.domain = domain,
		.call = flush_one,
		.text = STRALLOC_ZERO };
	bool ok = walk_box(&w, QUEUE_DEFERRED);
	printf("%zu %s tried now\n", w.count,
	    w.count == 1 ? "message is" : "messages are");
	return ok ? EXIT_OK : EXIT_IO;
}

/* --- by id ------------------------------------------------------------------ */

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
			complain("read queue/", queue_box_name(i));
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
		return complain("read", name.path);
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
	} else if (!put(&text, queue_words_details(&text, &f)) ||
	    !print_recipients(&f, &text, time(NULL)) ||
	    !print_header(&f, &text))
		code = complain("show", f.name.path);
	stralloc_free(&text);
	queue_file_close(&f);
	return code;
}

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
	int queue = f->queue;
	enum queue_box box = f->name.box;
	char id[LOGGED_ID];
	note_file(f, id);
	enum queue_result r = queue_remove(f);
	if (r == QUEUE_OK)
		log_change(id, "drop");
	return r == QUEUE_OK && !queue_sync(queue, box) ? QUEUE_ERROR : r;
}

static struct {
	char const *name;
	enum queue_result (*call)(struct queue_file *f);
} const changes[] = {
	{ "retry", retry },
	{ "hold", hold },
	{ "release", release },
	{ "drop", drop },
};

static int
change(int queue, enum queue_result (*call)(struct queue_file *f),
    char const *id)
{
	struct queue_file f;
	int code = open_id(queue, id, QUEUE_TRY, &f);
	if (code != EXIT_OK)
		return code;
	enum queue_result r = call(&f);
	if (r == QUEUE_ERROR)
		code = complain("change", f.name.path);
	queue_file_close(&f);
	return r == QUEUE_BUSY ? EXIT_TEMP : code;
}

static int
change_all(int queue, char const *verb, int argc, char *const *argv)
{
	int worst = EXIT_OK;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		if (strcmp(changes[i].name, verb) != 0)
			continue;
		for (int n = 0; n < argc; n++) {
			int code = change(queue, changes[i].call, argv[n]);
			worst = code == EXIT_OK ? worst : code;
		}
		return worst;
	}
	return usage();
}

int
verb_queue(int argc, char *const *argv)
{
	if (argc < 1)
		return usage();
	char const *verb = argv[0];
	bool of_all = strcmp(verb, "list") == 0 || strcmp(verb, "flush") == 0;
	if (of_all ? argc > 2 : argc < 2 || (*verb == 's' && argc > 2))
		return usage();
	int queue = open_queue();
	if (queue < 0)
		return EXIT_IO;
	if (strcmp(verb, "list") == 0)
		return list(queue, argv[1]);
	if (strcmp(verb, "flush") == 0)
		return flush(queue, argv[1]);
	if (strcmp(verb, "show") == 0)
		return show(queue, argv[1]);
	return change_all(queue, verb, argc - 1, argv + 1);
}
