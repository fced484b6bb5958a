/* SPDX-License-Identifier: ISC */
#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "owner.h"
#include "path.h"
#include "schedule.h"

enum {
	KNOWN_FOR = 60, /* seconds that a look is believed, at the most */
	UNSURE = 2 /* as many before it: two things in one tick of a clock */
};

/* --- what the last look has seen ----------------------------------------------------- */

/* A file whose times say when the last look at all of deferred/ began that found
 * nothing due (access), and when the first there is due (modification). While
 * nothing is put there, and that is not due, it need not be looked through once
 * more: each message that comes starts one of us. */
static char const *
seen(void)
{
	static stralloc path;
	return path.len || path_join(&path, path_var(), "queue-seen") ? path.s
	                                                              : "";
}

static bool
is_known(struct look const *l)
{
	struct stat box, last;
	return fstatat(l->queue, queue_box_name(QUEUE_DEFERRED), &box, 0) ==
	    0 &&
	    lstat(seen(), &last) == 0 &&
	    box.st_ctim.tv_sec < last.st_atim.tv_sec - UNSURE &&
	    last.st_atim.tv_sec <= l->begun &&
	    l->begun < last.st_atim.tv_sec + KNOWN_FOR &&
	    l->begun < last.st_mtim.tv_sec;
}

/* Where it cannot be written, the next of us looks for itself. */
static void
note_seen(struct look const *l)
{
	struct timespec times[2] = { { .tv_sec = l->begun },
		{ .tv_sec = l->first } };
	if (!owner_begin_files(l->settings))
		return;
	int fd =
	    open(seen(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		(void)futimens(fd, times);
		close(fd);
	}
	owner_end_files();
}

/* --- the look ------------------------------------------------------------------------ */

static void
open_box(struct look *l, enum queue_box box)
{
	l->under_way = queue_list_open(&l->list, l->queue, box);
	if (l->under_way)
		return;
	log_error("list the queue's", queue_box_name(box), errno);
	l->failed = true;
}

void
look_begin(struct look *l, int queue, struct settings const *s, int64_t now)
{
	if (l->under_way)
		queue_list_close(&l->list);
	*l = (struct look){ .queue = queue,
		.settings = s,
		.begun = now,
		.longest = schedule_longest(s),
		.first = now + KNOWN_FOR,
		.failed = l->failed };
	open_box(l, QUEUE_NEW);
	if (!l->under_way)
		open_box(l, QUEUE_DEFERRED);
}

/* To the next box, if there is one. */
static void
end_box(struct look *l, bool whole)
{
	enum queue_box ended = l->list.box;
	queue_list_close(&l->list);
	l->under_way = false;
	if (ended == QUEUE_DEFERRED && whole && l->first > l->begun)
		note_seen(l);
	if (ended == QUEUE_NEW && !is_known(l))
		open_box(l, QUEUE_DEFERRED);
}

/* A time that we would not have chosen is that of a clock which was wrong. */
static bool
is_due(struct look *l, struct queue_name const *name)
{
	bool due = name->due <= l->begun || name->due > l->begun + l->longest;
	int64_t when = due ? l->begun : name->due;
	if (name->box == QUEUE_DEFERRED && when < l->first)
		l->first = when;
	return due;
}

int
look_next(struct look *l, unsigned int *most, struct queue_name *name)
{
	while (l->under_way && *most) {
		int more = queue_list_next(&l->list, name);
		--*most;
		if (more > 0 && is_due(l, name))
			return 1;
		if (more < 0) {
			log_error("list the queue's",
			    queue_box_name(l->list.box), errno);
			l->failed = true;
		}
		if (more <= 0)
			end_box(l, more == 0);
	}
	return 0;
}
