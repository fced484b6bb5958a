/* SPDX-License-Identifier: ISC */
#include "look.h"

#include <errno.h>

#include "log.h"
#include "schedule.h"

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
		.begun = now,
		.longest = schedule_longest(s),
		.failed = l->failed };
	open_box(l, QUEUE_NEW);
	if (!l->under_way)
		open_box(l, QUEUE_DEFERRED);
}

/* To the next box, if there is one. */
static void
end_box(struct look *l)
{
	enum queue_box ended = l->list.box;
	queue_list_close(&l->list);
	l->under_way = false;
	if (ended == QUEUE_NEW)
		open_box(l, QUEUE_DEFERRED);
}

/* A time that we would not have chosen is that of a clock which was wrong. */
static bool
is_due(struct look const *l, struct queue_name const *name)
{
	return name->due <= l->begun || name->due > l->begun + l->longest;
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
			end_box(l);
	}
	return 0;
}
