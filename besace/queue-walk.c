/* SPDX-License-Identifier: ISC */
#include "queue-walk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "exitcode.h"

int
queue_complain(char const *what, char const *object)
{
	fprintf(stderr, "besace: unable to %s %s: %s\n", what, object,
	    strerror(errno));
	return EXIT_IO;
}

static bool
walk_file(struct queue_walk *w, char const *path)
{
	struct queue_file f;
	enum queue_result r = queue_file_open(w->queue, path, w->lock, &f);
	w->busy += r == QUEUE_BUSY;
	if (r == QUEUE_GONE || r == QUEUE_BUSY)
		return true;
	if (r == QUEUE_ERROR) {
		queue_complain("read", path);
		return false;
	}
	bool ok =
	    !queue_filter_fits(&w->filter, &f.entry, w->now) || w->call(w, &f);
	queue_file_close(&f);
	return ok;
}

/* False: said. */
static bool
walk_box(struct queue_walk *w, enum queue_box box)
{
	struct queue_list l;
	struct queue_name name;
	int more = -1;
	bool ok = true;
	if (queue_list_open(&l, w->queue, box)) {
		while ((more = queue_list_next(&l, &name)) > 0)
			ok = walk_file(w, name.path) && ok;
		w->foreign[box] = l.foreign;
		queue_list_close(&l);
	}
	if (more < 0)
		queue_complain("read queue/", queue_box_name(box));
	return ok && more == 0;
}

bool
queue_walk(struct queue_walk *w, unsigned int boxes)
{
	bool ok = true;
	w->now = time(NULL);
	if (w->filter.box >= 0)
		boxes &= 1U << w->filter.box;
	for (unsigned int i = 0; i < QUEUE_BOXES; i++)
		if (boxes >> i & 1)
			ok = walk_box(w, (enum queue_box)i) && ok;
	return ok;
}
