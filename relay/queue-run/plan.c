/* SPDX-License-Identifier: ISC */
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "dead-hops.h"
#include "settle.h"

enum {
	WINDOW = 2, /* batches for a destination that has not ended one yet */
	KEPT_SHARE = 5, /* one of so many workers is not for retries */
	BATCH_MIN = 10, /* files for one connection before there is a second */
	LEFT_BEHIND = 60, /* seconds before it is looked at again */
	SILENCE_MAX = 3600
};

static char const nothing_to_try[] = "";

static int
compare_files(void const *a, void const *b)
{
	return strcmp(((struct plan_file const *)a)->path,
	    ((struct plan_file const *)b)->path);
}

static int
compare_destinations(void const *a, void const *b)
{
	return strcmp(((struct destination const *)a)->identity,
	    ((struct destination const *)b)->identity);
}

static int
compare_domains(void const *one, void const *two)
{
	struct plan_domain const *a = one, *b = two;
	return a->fresh != b->fresh ? a->fresh - b->fresh
	                            : strcasecmp(a->name, b->name);
}

void
plan_init(struct plan *p, struct settings const *s, struct routes const *routes,
    int queue, size_t workers)
{
	*p = (struct plan){ .settings = s,
		.routes = routes,
		.queue = queue,
		.workers = workers };
	p->fresh.last = &p->fresh.first;
	p->retries.last = &p->retries.first;
}

/* --- turns ------------------------------------------------------------------------- */

static size_t
waiting(struct destination const *d)
{
	return d->fresh.waiting + d->retries.waiting;
}

static void
leave_turn(struct destination *d)
{
	struct destination **at = &d->in_turn->first;
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	if (!d->next)
		d->in_turn->last = at;
	d->in_turn = NULL;
}

/* How many of its batches may run; 0: no limit. One that has not shown that it
 * ends them gets few: ten that are slow would have all workers. */
static uint64_t
limit_of(struct plan const *p, struct destination const *d)
{
	uint64_t limit = p->settings->default_destination_concurrency_limit;
	return d->dead ? 1 : d->window < limit ? d->window : limit;
}

/* It takes its turn behind all others, among those that mail has just come for
 * when some of its has. */
static void
take_turn(struct plan *p, struct destination *d)
{
	uint64_t limit = limit_of(p, d);
	struct plan_turns *turns = d->fresh.waiting ? &p->fresh : &p->retries;
	if (d->in_turn == turns || !waiting(d) ||
	    (limit && d->running >= limit))
		return;
	if (d->in_turn)
		leave_turn(d);
	d->in_turn = turns;
	d->next = NULL;
	*turns->last = d;
	turns->last = &d->next;
}

/* --- adding ------------------------------------------------------------------------ */

/* The destination of this identity, made when it is new. NULL with errno. */
static struct destination *
find_destination(struct plan *p, char const *identity, char const *name)
{
	struct destination *new = calloc(1, sizeof *new), **at = NULL;
	if (new && (new->identity = strdup(identity)) &&
	    (new->name = strdup(name)))
		at = tsearch(new, &p->destinations, compare_destinations);
	if (at && *at == new) {
		new->window = WINDOW;
		new->fresh.last = &new->fresh.first;
		new->retries.last = &new->retries.first;
	} else if (new) {
		free(new->identity);
		free(new->name);
		free(new);
	}
	return at ? *at : NULL;
}

static struct plan_domain *
find_domain(struct destination *d, char const *name, bool fresh)
{
	struct plan_domain *new = calloc(1, sizeof *new), **at = NULL;
	if (new)
		new->fresh = fresh;
	if (new && (new->name = strdup(name)))
		at = tsearch(new, &d->domains, compare_domains);
	if (at && *at == new) {
		new->last = &new->first;
	} else if (new) {
		free(new->name);
		free(new);
	}
	return at ? *at : NULL;
}

static struct plan_ring *
ring_of(struct destination *d, struct plan_domain const *domain)
{
	return domain->fresh ? &d->fresh : &d->retries;
}

static void
join_ring(struct plan_ring *ring, struct plan_domain *domain)
{
	domain->next = NULL;
	*ring->last = domain;
	ring->last = &domain->next;
}

static void
append(struct destination *d, struct plan_domain *domain, struct plan_file *f)
{
	struct plan_ring *ring = ring_of(d, domain);
	if (!domain->first)
		join_ring(ring, domain);
	f->next = NULL;
	f->again = 0;
	*domain->last = f;
	domain->last = &f->next;
	ring->waiting++;
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

/* The way of mail of E to DOMAIN. One that cannot be told is the domain's own
 * for now: relay, which asks again, puts it off. */
static struct destination *
find_way(struct plan *p, struct queue_entry const *e, char const *domain)
{
	static struct way w;
	char name[NEXT_HOP_TEXT_MAX];
	stralloc identity = STRALLOC_ZERO;
	struct destination *d = NULL;
	if (strcmp(e->group, QUEUE_LOCAL) == 0 || !p->routes->map ||
	    !routes_find(p->routes, e->sender, domain, &w))
		return find_destination(p, domain, domain);
	way_name(&w, domain, name);
	if (way_identity(&w, domain, &identity) && stralloc_0(&identity))
		d = find_destination(p, identity.s, name);
	explicit_bzero(&w, sizeof w);
	stralloc_free(&identity);
	return d;
}

/* What was found out by other runs, or is to be forgotten. A change of the maps
 * since then may have mended what it was: one message shows that. */
static void
ask_if_dead(struct plan const *p, struct destination *d, int64_t now)
{
	struct dead_hop hop;
	if (!p->dead || p->dead->fd < 0)
		return;
	d->dead = dead_hop_get(p->dead, d->identity, now, &hop);
	int64_t failed = d->dead ? dead_hop_failed(p->settings, &hop) : 0;
	bool quiet = d->dead && !routes_changed_since(p->routes, failed, now);
	d->silent = quiet ? hop.until : 0;
}

/* The way of the recipient whose turn it is; where others lead out of the file,
 * one that answers, or a dead host would hold up the mail of all. */
static struct destination *
choose_way(struct plan *p, struct queue_entry const *e, int64_t now,
    char const **domain)
{
	uint64_t least = UINT64_MAX;
	*domain = queue_domain(e, queue_next(e));
	struct destination *d = find_way(p, e, *domain), *other;
	if (!d || strcmp(e->group, QUEUE_SEVERAL) != 0)
		return d;
	for (size_t i = 0; i < queue_count(e); i++) {
		struct queue_recipient const *r = queue_recipient(e, i);
		if (r->state != QUEUE_WAITING || r->attempts >= least)
			continue;
		if (!(other = find_way(p, e, queue_domain(e, r))))
			return NULL;
		ask_if_dead(p, other, now);
		if (other->silent > now)
			continue;
		d = other;
		*domain = queue_domain(e, r);
		least = r->attempts;
	}
	return d;
}

/* Files in which nothing is left to try, or that cannot be read, are settled
 * like any other, which moves the last to corrupt/. */
static int
place(struct plan *p, struct plan_file *f, struct queue_entry const *e,
    bool fresh, int64_t now)
{
	char const *name = nothing_to_try;
	struct destination *d = e && queue_is_waiting(e)
	    ? choose_way(p, e, now, &name)
	    : find_destination(p, nothing_to_try, nothing_to_try);
	struct plan_domain *domain = d ? find_domain(d, name, fresh) : NULL;
	if (!domain)
		return 0;
	append(d, domain, f);
	take_turn(p, d);
	return 1;
}

/* Puts the file where it goes. 1; 0 with errno; -1: nowhere. */
static int
plan_file(struct plan *p, struct plan_file *f, bool fresh, int64_t now)
{
	struct queue_file q;
	enum queue_result r =
	    queue_file_open(p->queue, f->path, QUEUE_LOOK, &q);
	int ok = r == QUEUE_OK   ? place(p, f, &q.entry, fresh, now)
	    : r == QUEUE_DAMAGED ? place(p, f, NULL, fresh, now)
	    : r == QUEUE_ERROR   ? 0
	                         : -1;
	queue_file_close(&q);
	return ok;
}

int
plan_add(struct plan *p, struct queue_name const *name, int64_t now)
{
	struct plan_file *f = know_file(p, name->path, now);
	if (!f)
		return errno == 0;
	int ok = plan_file(p, f, name->box == QUEUE_NEW, now);
	int saved = errno;
	if (ok <= 0)
		forget(p, f);
	errno = saved;
	return ok != 0;
}

/* --- planning anew ----------------------------------------------------------------- */

static struct plan_file *
empty_ring(struct plan_ring *ring, struct plan_file *all)
{
	for (struct plan_domain *d = ring->first; d; d = d->next) {
		*d->last = all;
		all = d->first;
		d->first = NULL;
		d->last = &d->first;
	}
	*ring = (struct plan_ring){ .last = &ring->first };
	return all;
}

/* Of one destination, for twalk_r. */
static void
empty_destination(void const *node, VISIT visit, void *all)
{
	struct destination *d = *(struct destination *const *)node;
	struct plan_file **files = all;
	if (visit != postorder && visit != leaf)
		return;
	if (d->in_turn)
		leave_turn(d);
	*files = empty_ring(&d->fresh, *files);
	*files = empty_ring(&d->retries, *files);
}

void
plan_renew(struct plan *p, int64_t now)
{
	struct plan_file *all = NULL, *next;
	struct queue_name name;
	twalk_r(p->destinations, empty_destination, &all);
	for (struct plan_file *f = all; f; f = next) {
		next = f->next;
		/* what is not planned now is looked for again */
		if (!queue_name_parse(f->path, &name) ||
		    plan_file(p, f, name.box == QUEUE_NEW, now) <= 0)
			forget(p, f);
	}
}

/* --- batches ----------------------------------------------------------------------- */

/* A few files go by one connection; many are shared by as many connections as
 * may be. */
static size_t
share(struct plan const *p, struct destination const *d)
{
	uint64_t limit = p->settings->default_destination_concurrency_limit;
	size_t all = waiting(d);
	size_t n = limit ? (size_t)(all / limit) + 1 : BATCH_MIN;
	n = n < BATCH_MIN ? BATCH_MIN : n > PLAN_BATCH_MAX ? PLAN_BATCH_MAX : n;
	return n < all ? n : all;
}

/* The first of the domain whose turn it is. */
static struct plan_file *
take_file(struct plan_ring *ring)
{
	struct plan_domain *d = ring->first;
	struct plan_file *f = d->first;
	ring->first = d->next;
	if (!ring->first)
		ring->last = &ring->first;
	d->first = f->next;
	if (d->first)
		join_ring(ring, d);
	else
		d->last = &d->first;
	ring->waiting--;
	return f;
}

/* What has just come goes first, but for a share of the batch. */
static void
fill_batch(struct plan *p, struct destination *d, struct plan_batch *b)
{
	bool probe = d->dead && b->batch.way == BATCH_TRY;
	size_t n = probe ? 1 : share(p, d);
	for (size_t i = 0; i < n; i++) {
		bool kept = i % KEPT_SHARE == KEPT_SHARE - 1;
		bool fresh = d->fresh.waiting && !(kept && d->retries.waiting);
		b->file[i] = take_file(fresh ? &d->fresh : &d->retries);
		b->path[i] = b->file[i]->path;
	}
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
	leave_turn(d);
	turns->running++;
	b->turns = turns;
	b->destination = d;
	ask_if_dead(p, d, now);
	b->batch.way = way_of(d, now);
	b->batch.destination = d->name;
	b->batch.identity = d->identity;
	b->batch.dead = p->dead;
	fill_batch(p, d, b);
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
	if (b->batch.way == BATCH_TRY)
		d->dead = silent;
	if (!silent && d->window < p->workers)
		d->window *= 2;
	for (size_t i = 0; i < b->batch.count; i++)
		leave_or_forget(p, b->file[i], now);
	take_turn(p, d);
}
