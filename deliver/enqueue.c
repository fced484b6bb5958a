/* SPDX-License-Identifier: ISC */
#include "enqueue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exitcode.h"
#include "log.h"
#include "queue.h"

enum { NOWHERE = -1 }; /* the place of a target that no file is for */

/* One file of the queue. */
struct enqueue_file {
	char const *via; /* the alias that sends it on; NULL: none */
	char *way;       /* the next hop of several domains; NULL: its group */
	struct queue_entry entry;
	struct queue_new file;
};

static size_t
file_count(struct enqueue const *q)
{
	return genalloc_len(struct enqueue_file, &q->files);
}

static struct enqueue_file *
get_file(struct enqueue const *q, size_t i)
{
	return genalloc_s(struct enqueue_file, &q->files) + i;
}

/* --- groups ----------------------------------------------------------------- */

/* A domain of the name of the group of this server gets a final dot, which
 * makes no difference in the DNS. */
static char const *
group_of(struct target const *t)
{
	if (!t->domain || t->status)
		return QUEUE_LOCAL;
	return strcmp(t->domain, QUEUE_LOCAL) == 0 ? QUEUE_LOCAL "."
	                                           : t->domain;
}

/* The alias that sends the message on to T; NULL: none. */
static char const *
via_of(struct target const *t)
{
	return t->domain && !t->status && !t->is_return ? t->via : NULL;
}

/* One that nobody told us is nobody's to write to. */
static char const *
reverse_path(struct enqueue const *q, char const *via)
{
	if (via)
		return q->forward->path.s;
	return q->sender ? q->sender : "";
}

static bool
is_same(char const *a, char const *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int
fill_entry(struct enqueue const *q, struct queue_entry *e, char const *group,
    char const *sender)
{
	struct envelope const *v = q->envelope;
	e->arrival = time(NULL);
	e->ret = v->ret;
	e->smtputf8 = v->smtputf8;
	e->requiretls = v->requiretls;
	e->never_bounce = q->message->spam;
	return queue_set(&e->group, group) && queue_set(&e->sender, sender) &&
	    queue_set(&e->uid, v->uid) && queue_set(&e->user, v->user) &&
	    queue_set(&e->envid, v->envid) && queue_set(&e->body, v->body);
}

/* --- next hops -------------------------------------------------------------- */

/* Where mail from SENDER to T's server goes, when the administrator named a place
 * for it that may be that of others too: what they share is sent there once. *WAY
 * is NULL else. 1, or 0 with errno. */
static int
find_way(struct enqueue const *q, struct target const *t, char const *sender,
    char **way)
{
	static struct way w;
	stralloc identity = STRALLOC_ZERO;
	int ok = 1;
	*way = NULL;
	if (!q->routes.map || strcmp(group_of(t), QUEUE_LOCAL) == 0 ||
	    !routes_find(&q->routes, sender, t->domain, &w))
		return 1;
	if (w.named) {
		ok = way_identity(&w, t->domain, &identity) &&
		    stralloc_0(&identity) && (*way = strdup(identity.s));
	}
	explicit_bzero(&w, sizeof w);
	stralloc_free(&identity);
	return ok;
}

/* One domain has one next hop. */
static void
open_routes(struct enqueue *q, struct route *r)
{
	char const *first = NULL;
	for (size_t i = 0; i < route_count(r); i++) {
		struct target const *t = route_target(r, i);
		if (t->first != i || !t->domain || t->status)
			continue;
		if (first && strcmp(first, t->domain) != 0) {
			(void)routes_try_open(&q->routes,
			    q->forward->lookup->settings);
			return;
		}
		first = t->domain;
	}
}

/* A file of several domains is for one transaction. */
static bool
is_full(struct enqueue const *q, struct enqueue_file const *f)
{
	return f->way &&
	    queue_count(&f->entry) >=
	    q->forward->lookup->settings->smtp_destination_recipient_limit;
}

/* --- files ------------------------------------------------------------------ */

static int
add_file(struct enqueue *q, char const *group, char const *via, char *way)
{
	struct enqueue_file new = { .via = via, .entry = QUEUE_ENTRY_ZERO };
	if (!fill_entry(q, &new.entry, group, reverse_path(q, via))) {
		queue_entry_free(&new.entry);
		return 0;
	}
	new.way = way;
	if (genalloc_append(struct enqueue_file, &q->files, &new))
		return 1;
	queue_entry_free(&new.entry);
	return 0;
}

static bool
is_for(struct enqueue const *q, struct enqueue_file const *f, char const *group,
    char const *via, char const *way)
{
	return is_same(f->via, via) && is_same(f->way, way) &&
	    (way ? !is_full(q, f) : strcmp(f->entry.group, group) == 0);
}

/* The file that T belongs to, which may be new. NULL with errno. */
static struct enqueue_file *
find_file(struct enqueue *q, struct target const *t)
{
	char const *group = group_of(t), *via = via_of(t);
	char *way;
	size_t i = 0;
	if (!find_way(q, t, reverse_path(q, via), &way))
		return NULL;
	while (i < file_count(q) && !is_for(q, get_file(q, i), group, via, way))
		i++;
	if (i == file_count(q) && !add_file(q, group, via, way)) {
		free(way);
		return NULL;
	}
	struct enqueue_file *f = get_file(q, i);
	if (f->way != way)
		free(way);
	if (strcmp(f->entry.group, group) != 0 &&
	    !queue_set(&f->entry.group, QUEUE_SEVERAL))
		return NULL;
	return f;
}

/* --- recipients ------------------------------------------------------------- */

/* What there is to say of T's delivery here. 1, or 0 with errno. */
static int
put_answer(struct queue_recipient *r, struct target const *t)
{
	static char const no_memory[] = "4.3.0 no memory";
	char const *answer = t->answer ? t->answer : no_memory;
	char status[16];
	if (!t->status)
		return queue_answer(r, QUEUE_DELIVERED, time(NULL), 0, "2.0.0",
		    "delivered to the mailbox", NULL);
	size_t n = strcspn(answer, " ");
	snprintf(status, sizeof status, "%.*s", (int)n, answer);
	return queue_answer(r,
	    t->status == EXIT_TEMP ? QUEUE_WAITING : QUEUE_FAILED, time(NULL),
	    0, status, answer + n + (answer[n] != 0), NULL);
}

static int
put_recipient(struct enqueue const *q, struct target const *t,
    struct queue_recipient *r)
{
	struct recipient_options o;
	envelope_options(q->envelope, t->recipient, &o);
	r->notify = o.notify;
	r->mailbox = t->path != NULL;
	return (!o.orcpt[0] || queue_set(&r->orcpt, o.orcpt)) &&
	    (strcmp(t->original, t->to) == 0 ||
	        queue_set(&r->original, t->original)) &&
	    ((t->domain && !t->status) || put_answer(r, t));
}

/* Whether T is of no interest to the queue: it is delivered, or has failed, and
 * its sender does not want to know. */
static bool
is_settled(struct enqueue const *q, struct target const *t)
{
	struct recipient_options o;
	if (t->status == EXIT_TEMP || (!t->status && t->domain))
		return false;
	envelope_options(q->envelope, t->recipient, &o);
	return q->message->spam ||
	    !queue_notice_due(t->status ? QUEUE_FAILED : QUEUE_DELIVERED,
	        o.notify, *reverse_path(q, NULL));
}

/* PLACE is where the file is among all. */
static int
add_target(struct enqueue *q, struct target const *t, ssize_t *place)
{
	struct enqueue_file *f = find_file(q, t);
	struct queue_recipient *r = f ? queue_add(&f->entry, t->to) : NULL;
	if (f)
		*place = f - get_file(q, 0);
	return r && put_recipient(q, t, r);
}

/* --- both phases ------------------------------------------------------------ */

static int
failed(struct enqueue *q, char const *what, char const *object)
{
	q->answer = errno == ENOSPC || errno == EDQUOT
	    ? "4.3.1 no space left for the queue"
	    : "4.3.0 queue cannot be written";
	log_error(what, object, errno);
	return 0;
}

static int
write_file(struct enqueue *q, struct enqueue_file *f)
{
	struct iovec iov[1 + HEADERS_PIECES];
	stralloc top = STRALLOC_ZERO;
	int ok = !f->via || headers_forward(q->message, f->via, &top);
	iov[0] = (struct iovec){ top.s, top.len };
	headers_pieces(q->message, iov + 1);
	ok = ok &&
	    queue_write(&f->file, q->queue, &f->entry, iov, 1 + HEADERS_PIECES);
	int saved = errno;
	stralloc_free(&top);
	errno = saved;
	return ok || failed(q, "write message", "queue/tmp");
}

static int
name_targets(struct enqueue *q, struct route *r)
{
	for (size_t i = 0; i < route_count(r); i++) {
		struct target *t = route_target(r, i);
		ssize_t place = genalloc_s(ssize_t, &q->places)[i];
		if (place == NOWHERE)
			continue;
		free(t->queued);
		if (asprintf(&t->queued, "queue/%s",
		        get_file(q, (size_t)place)->file.id) < 0) {
			t->queued = NULL;
			return 0;
		}
	}
	return 1;
}

static int
group_targets(struct enqueue *q, struct route *r)
{
	for (size_t i = 0; i < route_count(r); i++) {
		struct target *t = route_target(r, i);
		ssize_t place = NOWHERE;
		bool wanted = t->first == i && !is_settled(q, t);
		if ((wanted && !add_target(q, t, &place)) ||
		    !genalloc_append(ssize_t, &q->places, &place))
			return failed(q, "write message", "queue");
	}
	return 1;
}

int
enqueue_prepare(struct enqueue *q, struct route *r)
{
	open_routes(q, r);
	int grouped = group_targets(q, r);
	routes_close(&q->routes);
	if (!grouped)
		return 0;
	if (!file_count(q))
		return 1;
	if (q->queue < 0 && (q->queue = queue_open()) < 0)
		return failed(q, "open", "queue");
	for (size_t i = 0; i < file_count(q); i++)
		if (!write_file(q, get_file(q, i)))
			return 0;
	return name_targets(q, r) || failed(q, "name", "queue");
}

int
enqueue_show(struct enqueue *q)
{
	for (size_t i = 0; i < file_count(q); i++)
		if (!queue_commit(&get_file(q, i)->file))
			return failed(q, "make message visible", "queue/new");
	return 1;
}

int
enqueue_sync(struct enqueue *q)
{
	return !file_count(q) || queue_sync(q->queue, QUEUE_NEW) ||
	    failed(q, "sync", "queue/new");
}

void
enqueue_finish(struct enqueue *q, bool keep)
{
	for (size_t i = 0; i < file_count(q); i++) {
		struct enqueue_file *f = get_file(q, i);
		if (!keep)
			queue_abandon(&f->file);
		queue_entry_free(&f->entry);
		free(f->way);
	}
	genalloc_free(struct enqueue_file, &q->files);
	genalloc_free(ssize_t, &q->places);
}
