/* SPDX-License-Identifier: ISC */
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "settle.h"

enum {
	KEPT_SHARE = 5, /* one of so many workers is not for retries */
	BATCH_MIN = 10, /* files for one connection before there is a second */
	LEFT_BEHIND = 60, /* seconds before it is looked at again */
	SILENCE_MAX = 3600
};

static char const nothing_to_try[] = "";

/* Files and destinations begin with what they are compared by. */
static int
compare_files(void const *a, void const *b)
{
	return strcmp(((struct plan_file const *)a)->path,
	    ((struct plan_file const *)b)->path);
}

static int
compare_destinations(void const *a, void const *b)
{
	return strcasecmp(((struct destination const *)a)->name,
	    ((struct destination const *)b)->name);
}

void
plan_init(struct plan *p, struct settings const *s, int queue, size_t workers)
{
	*p = (struct plan){ .settings = s, .queue = queue, .workers = workers };
	p->fresh.last = &p->fresh.first;
	p->retries.last = &p->retries.first;
}

/* --- adding ------------------------------------------------------------------------ */

/* The destination of this name, made when it is new. NULL with errno. */
static struct destination *
find_destination(struct plan *p, char const *name)
{
	struct destination *new = calloc(1, sizeof *new);
	if (!new || !(new->name = strdup(name))) {
		free(new);
		return NULL;
	}
	new->last = &new->first;
	struct destination **at =
	    tsearch(new, &p->destinations, compare_destinations);
	if (!at || *at != new) {
		free(new->name);
		free(new);
	}
	return at ? *at : NULL;
}

/* It takes its turn behind all others. */
static void
take_turn(struct plan *p, struct destination *d)
{
	uint64_t limit = p->settings->default_destination_concurrency_limit;
	if (d->in_turn || !d->waiting || (limit && d->running >= limit))
		return;
	struct plan_turns *turns = d->fresh ? &p->fresh : &p->retries;
	d->in_turn = true;
	d->next = NULL;
	*turns->last = d;
	turns->last = &d->next;
}

static void
leave_turn(struct plan_turns *turns, struct destination *d)
{
	struct destination **at = &turns->first;
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	if (!d->next)
		turns->last = at;
	d->in_turn = false;
}

static void
make_fresh(struct plan *p, struct destination *d)
{
	if (d->in_turn && !d->fresh)
		leave_turn(&p->retries, d);
	d->fresh = true;
}

static void
append(struct plan *p, struct destination *d, struct plan_file *f)
{
	f->next = NULL;
	f->again = 0;
	*d->last = f;
	d->last = &f->next;
	d->waiting++;
	take_turn(p, d);
}

/* The file of this name as we know it, or a new one. NULL when it is on its way,
 * or left behind not long ago; or with errno. */
static struct plan_file *
know_file(struct plan *p, char const *path, int64_t now)
{
	struct plan_file *new = calloc(1, sizeof *new);
	errno = ENOMEM;
	if (!new)
		return NULL;
	strcpy(new->path, path);
	struct plan_file **at = tsearch(new, &p->files, compare_files);
	if (!at || *at != new)
		free(new);
	if (!at || *at == new)
		return at ? new : NULL;
	struct plan_file *known = *at;
	errno = 0;
	if (!known->again || known->again > now)
		return NULL;
	p->left--;
	return known;
}

static void
forget(struct plan *p, struct plan_file *f)
{
	tdelete(f, &p->files, compare_files);
	free(f);
}

/* Where the file goes. 1; 0 with errno; -1: nowhere. */
static int
read_destination(struct plan *p, char const *path, char **name)
{
	struct queue_file f;
	enum queue_result r = queue_file_open(p->queue, path, QUEUE_LOOK, &f);
	int ok = r == QUEUE_ERROR ? 0 : -1;
	if (r == QUEUE_OK) {
		*name = strdup(queue_is_waiting(&f.entry) ? f.entry.group
		                                          : nothing_to_try);
		ok = *name != NULL;
	}
	/* settled like any other, which moves it to corrupt/ */
	if (r == QUEUE_DAMAGED) {
		*name = strdup(nothing_to_try);
		ok = *name != NULL;
	}
	queue_file_close(&f);
	return ok;
}

int
plan_add(struct plan *p, struct queue_name const *name, int64_t now)
{
	char *destination = NULL;
	struct plan_file *f = know_file(p, name->path, now);
	if (!f)
		return errno == 0;
	int ok = read_destination(p, name->path, &destination);
	struct destination *d =
	    ok > 0 ? find_destination(p, destination) : NULL;
	int saved = errno;
	if (d && name->box == QUEUE_NEW)
		make_fresh(p, d);
	if (d)
		append(p, d, f);
	else
		forget(p, f);
	free(destination);
	errno = saved;
	return d || ok < 0;
}

/* --- batches ----------------------------------------------------------------------- */

/* A few files go by one connection; many are shared by as many connections as
 * may be. */
static size_t
share(struct plan const *p, struct destination const *d)
{
	uint64_t limit = p->settings->default_destination_concurrency_limit;
	size_t n = limit ? (size_t)(d->waiting / limit) + 1 : BATCH_MIN;
	n = n < BATCH_MIN ? BATCH_MIN : n > PLAN_BATCH_MAX ? PLAN_BATCH_MAX : n;
	return n < d->waiting ? n : d->waiting;
}

static void
fill_batch(struct plan *p, struct destination *d, struct plan_batch *b)
{
	size_t n = share(p, d);
	for (size_t i = 0; i < n; i++) {
		b->file[i] = d->first;
		b->path[i] = d->first->path;
		d->first = d->first->next;
	}
	if (!d->first)
		d->last = &d->first;
	d->waiting -= n;
	b->batch.path = b->path;
	b->batch.count = n;
}

static enum batch_way
way_of(struct destination const *d, int64_t now)
{
	return !*d->name || d->silent > now ? BATCH_SETTLE : BATCH_TRY;
}

/* What has just come goes first, and has a share of the workers that retries do
 * not get: these may all be with hosts that are dead or slow. They have as many
 * for themselves. */
static struct plan_turns *
whose_turn(struct plan *p)
{
	struct plan_turns *fresh = &p->fresh, *retries = &p->retries;
	size_t kept = p->workers / KEPT_SHARE;
	bool retry = retries->first && retries->running < p->workers - kept;
	if (fresh->first && !(retry && retries->running < kept))
		return fresh;
	return retry ? retries : NULL;
}

bool
plan_take(struct plan *p, struct plan_batch *b, int64_t now)
{
	struct plan_turns *turns = whose_turn(p);
	if (!turns)
		return false;
	struct destination *d = turns->first;
	leave_turn(turns, d);
	turns->running++;
	b->turns = turns;
	b->destination = d;
	b->batch.way = way_of(d, now);
	b->batch.destination = d->name;
	fill_batch(p, d, b);
	d->fresh = d->fresh && d->waiting;
	d->running++;
	take_turn(p, d);
	return true;
}

/* What still has its name was not settled: somebody else is at it, or something
 * is wrong. It is left alone for a while. */
static void
leave_or_forget(struct plan *p, struct plan_file *f, int64_t now)
{
	struct stat st;
	if (fstatat(p->queue, f->path, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT) {
		forget(p, f);
		return;
	}
	f->again = now + LEFT_BEHIND;
	p->left++;
}

void
plan_end(struct plan *p, struct plan_batch *b, bool silent, int64_t now)
{
	struct destination *d = b->destination;
	uint64_t silence = p->settings->minimal_backoff_time;
	d->running--;
	b->turns->running--;
	if (silent)
		d->silent = now +
		    (int64_t)(silence < SILENCE_MAX ? silence : SILENCE_MAX);
	for (size_t i = 0; i < b->batch.count; i++)
		leave_or_forget(p, b->file[i], now);
	take_turn(p, d);
}
