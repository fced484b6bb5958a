/* SPDX-License-Identifier: ISC */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "array.h"

enum { WATCHED_MAX = 1 << 20 };

int
watch_open(struct watch *w)
{
	w->table = NULL;
	w->count = w->room = w->pos = w->len = 0;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return w->fd >= 0;
}

void
watch_close(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	free(w->table);
	w->table = NULL;
	w->fd = -1;
}

/* By number, as the kernel gives them out. */
static struct watched *
find(struct watch *w, int wd)
{
	size_t low = 0;
	size_t high = w->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (w->table[mid].wd < wd)
			low = mid + 1;
		else
			high = mid;
	}
	return low < w->count && w->table[low].wd == wd ? &w->table[low] : NULL;
}

static int
enter(struct watch *w, int wd, uint32_t owner)
{
	struct watched *known = find(w, wd);
	if (known) {
		known->owner = owner;
		return 1;
	}
	void *p = array_grow(w->table, w->count, sizeof *w->table, WATCHED_MAX,
	    &w->room);
	if (!p)
		return 0;
	w->table = p;
	size_t at = w->count++;
	for (; at > 0 && w->table[at - 1].wd > wd; at--)
		w->table[at] = w->table[at - 1];
	w->table[at] = (struct watched){ wd, owner };
	return 1;
}

int
watch_add(struct watch *w, int dir, char const *name, uint32_t mask,
    uint32_t owner)
{
	/* inotify wants a path. */
	if (fchdir(dir) < 0)
		return 0;
	int wd = inotify_add_watch(w->fd, name,
	    mask | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW);
	return wd >= 0 && enter(w, wd, owner);
}

int
watch_mailbox(struct watch *w, int dir, uint32_t owner)
{
	return watch_add(w, dir, "cur", WATCH_FILES, owner) &&
	    watch_add(w, dir, "new", WATCH_FILES, owner);
}

void
watch_remove(struct watch *w, uint32_t owner)
{
	size_t out = 0;
	for (size_t i = 0; i < w->count; i++)
		if (w->table[i].owner == owner)
			(void)inotify_rm_watch(w->fd, w->table[i].wd);
		else
			w->table[out++] = w->table[i];
	w->count = out;
}

static bool
fill(struct watch *w)
{
	ssize_t n;
	do
		n = read(w->fd, w->buf, sizeof w->buf);
	while (n < 0 && errno == EINTR);
	w->pos = 0;
	w->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

bool
watch_next(struct watch *w, struct watch_event *e)
{
	while (w->pos < w->len || fill(w)) {
		struct inotify_event const *in =
		    (struct inotify_event const *)(void *)(w->buf + w->pos);
		w->pos += sizeof *in + in->len;
		struct watched const *found = find(w, in->wd);
		memset(e, 0, sizeof *e);
		e->all = in->mask & IN_Q_OVERFLOW;
		e->name = in->len ? in->name : "";
		e->lost =
		    in->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT);
		if (found)
			e->owner = found->owner;
		if (found || e->all)
			return true;
	}
	return false;
}
