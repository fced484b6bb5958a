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

/* One file of the queue. */
struct enqueue_file {
	char const *via; /* the alias that sends it on; NULL: none */
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

/* The file that T belongs to, which may be new. NULL with errno. */
static struct enqueue_file *
find_file(struct enqueue *q, struct target const *t)
{
	char const *group = group_of(t);
	char const *via = via_of(t);
	for (size_t i = 0; i < file_count(q); i++) {
		struct enqueue_file *f = get_file(q, i);
		if (strcmp(f->entry.group, group) == 0 && is_same(f->via, via))
			return f;
	}
	struct enqueue_file new = { .via = via, .entry = QUEUE_ENTRY_ZERO };
	if (!fill_entry(q, &new.entry, group, reverse_path(q, via)) ||
	    !genalloc_append(struct enqueue_file, &q->files, &new)) {
		queue_entry_free(&new.entry);
		return NULL;
	}
	return get_file(q, file_count(q) - 1);
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

static int
add_target(struct enqueue *q, struct target const *t)
{
	struct enqueue_file *f = find_file(q, t);
	struct queue_recipient *r = f ? queue_add(&f->entry, t->to) : NULL;
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
		if (t->first != i || is_settled(q, t))
			continue;
		struct enqueue_file *f = find_file(q, t);
		free(t->queued);
		if (!f || asprintf(&t->queued, "queue/%s", f->file.id) < 0) {
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
		if (t->first == i && !is_settled(q, t) && !add_target(q, t))
			return failed(q, "write message", "queue");
	}
	return 1;
}

int
enqueue_prepare(struct enqueue *q, struct route *r)
{
	if (!group_targets(q, r))
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
	}
	genalloc_free(struct enqueue_file, &q->files);
}
