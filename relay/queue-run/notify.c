/* SPDX-License-Identifier: ISC */
#include "notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "address.h"
#include "log.h"
#include "notice.h"
#include "schedule.h"
#include "settle.h"
#include "submit.h"

struct sending {
	struct settings const *settings;
	struct queue_file *file;
	struct notice notice;
	char uid[UID_MAX];
};

static char const *
kind_name(enum notice_kind kind)
{
	static char const *const names[] = { "failed", "delayed", "success",
		"double-bounce" };
	return names[kind];
}

/* --- its way to the delivery ---------------------------------------------------- */

static enum verdict
send_bytes(struct sending const *g, stralloc const *bytes, stralloc *text)
{
	stralloc to = STRALLOC_ZERO;
	enum verdict v = VERDICT_LATER;
	struct submit m = { .settings = g->settings,
		.sender = "",
		.uid = g->uid,
		.smtputf8 = notice_is_utf8(&g->notice) };
	if (stralloc_cats(&to, g->notice.to) && stralloc_append(&to, '\n') &&
	    stralloc_0(&to)) {
		m.recipients = to.s;
		v = submit(&m, bytes, text);
	}
	stralloc_free(&to);
	return v;
}

static void
log_notice(struct sending const *g, enum verdict v, stralloc *text)
{
	bool done = v == VERDICT_PASS || v == VERDICT_DISCARD;
	char const *answer = !done && stralloc_0(text) ? text->s : NULL;
	log_event("notice", "kind", kind_name(g->notice.kind), "to",
	    g->notice.to, "uid", g->uid, "result",
	    done                       ? "sent"
	        : v == VERDICT_REFUSED ? "refused"
	                               : "deferred",
	    "answer", answer, (char *)NULL);
}

/* Builds and sends the notice to G's address. */
static enum verdict
send_notice(struct sending *g)
{
	stralloc bytes = STRALLOC_ZERO, text = STRALLOC_ZERO;
	enum verdict v = VERDICT_LATER;
	g->notice.uid = g->uid;
	if (uid_new(g->uid) && notice_build(&g->notice, &bytes)) {
		v = send_bytes(g, &bytes, &text);
		log_notice(g, v, &text);
	} else {
		log_error("make notice", g->file->name.path, errno);
	}
	stralloc_free(&bytes);
	stralloc_free(&text);
	return v;
}

/* --- whom it goes to -------------------------------------------------------------- */

/* The message is itself one to the postmaster whom nobody sent: the end. */
static bool
is_for(struct queue_recipient const *r, char const *address)
{
	return strcasecmp(r->address, address) == 0 ||
	    (r->original && strcasecmp(r->original, address) == 0);
}

static bool
is_to_postmaster(struct sending const *g, char const *postmaster)
{
	struct queue_entry const *e = g->notice.entry;
	for (size_t i = 0; i < queue_count(e); i++)
		if (g->notice.chosen[i] &&
		    is_for(queue_recipient(e, i), postmaster))
			return true;
	return false;
}

/* Nobody can be told, neither the sender nor the postmaster. */
static bool
give_up(struct sending const *g, char const *why)
{
	log_event("error", "what", "tell about undelivered mail", "object",
	    g->file->name.path, "reason", why, (char *)NULL);
	return true;
}

/* A failure that no sender can be told of. */
static bool
send_double(struct sending *g)
{
	char postmaster[ADDRESS_MAX + 1];
	snprintf(postmaster, sizeof postmaster, "postmaster@%s",
	    g->notice.host);
	if (is_to_postmaster(g, postmaster))
		return give_up(g, "the postmaster's mail cannot be delivered");
	g->notice.kind = NOTICE_DOUBLE;
	g->notice.to = postmaster;
	enum verdict v = send_notice(g);
	return v == VERDICT_REFUSED
	    ? give_up(g, "postmaster of myhostname takes no mail")
	    : v != VERDICT_LATER;
}

/* True: it is sent, or nobody can be told. */
static bool
send_to_sender(struct sending *g)
{
	bool failed = g->notice.kind == NOTICE_FAILED;
	if (!*g->notice.to)
		return failed ? send_double(g) : true;
	enum verdict v = send_notice(g);
	if (v == VERDICT_REFUSED && failed)
		return send_double(g);
	return v != VERDICT_LATER;
}

/* --- what it is about --------------------------------------------------------------- */

static bool
is_about(enum notice_kind kind, struct queue_entry const *e,
    struct queue_recipient const *r)
{
	if (kind == NOTICE_DELAYED)
		return schedule_is_warned(r);
	return queue_wants_notice(e, r) &&
	    (kind == NOTICE_FAILED) == (r->state == QUEUE_FAILED);
}

static void
mark(struct queue_entry *e, enum notice_kind kind, bool const *chosen,
    int64_t now)
{
	if (kind == NOTICE_DELAYED)
		e->delay_notice = now;
	for (size_t i = 0; kind != NOTICE_DELAYED && i < queue_count(e); i++)
		if (chosen[i])
			queue_recipient(e, i)->notified = true;
}

/* The notice of this kind, if there is somebody that it is about. Whether it is
 * noted now. */
static bool
notify_kind(struct sending *g, enum notice_kind kind)
{
	struct queue_entry *e = &g->file->entry;
	size_t n = queue_count(e), about = 0;
	bool *chosen = calloc(n + 1, sizeof *chosen);
	if (!chosen)
		return false;
	for (size_t i = 0; i < n; i++)
		about += chosen[i] = is_about(kind, e, queue_recipient(e, i));
	g->notice.kind = kind;
	g->notice.chosen = chosen;
	g->notice.to = e->sender;
	bool sent = about && send_to_sender(g);
	if (sent)
		mark(e, kind, chosen, g->notice.now);
	free(chosen);
	return sent;
}

static bool
notify_kinds(struct sending *g)
{
	bool noted = notify_kind(g, NOTICE_FAILED);
	noted |= notify_kind(g, NOTICE_SUCCESS);
	if (schedule_warns(g->settings, &g->file->entry, g->notice.now))
		noted |= notify_kind(g, NOTICE_DELAYED);
	return noted;
}

static bool
is_asked_for(struct settings const *s, struct queue_entry const *e, int64_t now)
{
	bool asked = schedule_warns(s, e, now);
	for (size_t i = 0; i < queue_count(e); i++)
		asked |= queue_wants_notice(e, queue_recipient(e, i));
	return asked;
}

bool
notify_all(struct settings const *s, struct queue_file *f, int64_t now)
{
	struct sending g = { .settings = s, .file = f };
	if (!is_asked_for(s, &f->entry, now))
		return false;
	/* what is told and not noted is told again */
	if (queue_is_waiting(&f->entry) && !settle_has_room(s, f)) {
		log_error("make room for a note of notices", f->name.path,
		    errno);
		return false;
	}
	size_t size = (size_t)(f->start + f->size);
	char *all = mmap(NULL, size, PROT_READ, MAP_PRIVATE, f->fd, 0);
	if (all == MAP_FAILED) {
		log_error("read message", f->name.path, errno);
		return false;
	}
	g.notice = (struct notice){
		.entry = &f->entry,
		.host = s->myhostname,
		.now = now,
		.until = schedule_end(s, &f->entry),
		.message = all + f->start,
		.message_len = (size_t)f->size,
		.full_max = s->bounce_size_limit,
	};
	bool noted = notify_kinds(&g);
	munmap(all, size);
	return noted;
}
