/* SPDX-License-Identifier: ISC */
#include "settle.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <skalibs/random.h>

#include "log.h"
#include "notify.h"
#include "owner.h"
#include "schedule.h"
#include "utc.h"

enum queue_result
settle_save(struct settings const *s, struct queue_file *f)
{
	if (!owner_begin_files(s))
		return QUEUE_ERROR;
	enum queue_result r = queue_save(f);
	owner_end_files();
	return r;
}

bool
settle_has_room(struct settings const *s, struct queue_file const *f)
{
	if (!owner_begin_files(s))
		return false;
	bool ok = queue_has_room(f);
	owner_end_files();
	return ok;
}

enum queue_result
settle_record(struct settings const *s, struct queue_file *f)
{
	if (!owner_begin_files(s))
		return QUEUE_ERROR;
	enum queue_result r = queue_record(f);
	owner_end_files();
	return r;
}

void
settle_corrupt(struct queue_file *f)
{
	enum queue_result r = queue_move(f, QUEUE_CORRUPT, 0);
	if (r == QUEUE_OK && queue_sync(f->queue, QUEUE_CORRUPT))
		log_event("error", "what", "read queue file", "object",
		    f->name.path, "reason", "damaged; it stays in corrupt/",
		    (char *)NULL);
	else if (r != QUEUE_GONE)
		log_error("move damaged file to corrupt/", f->name.path, errno);
}

/* Opens and locks it. OK; else there is nothing to settle. */
static enum queue_result
open_file(int queue, char const *path, struct queue_file *f)
{
	enum queue_result r = queue_file_open(queue, path, QUEUE_TRY, f);
	if (r == QUEUE_OK)
		log_uid(f->entry.uid);
	if (r == QUEUE_ERROR)
		log_error("open queue file", path, errno);
	if (r == QUEUE_DAMAGED) {
		settle_corrupt(f);
		queue_file_close(f);
	}
	return r;
}

static bool
is_silent(struct queue_entry const *e)
{
	for (size_t i = 0; i < queue_count(e); i++) {
		struct queue_recipient const *r = queue_recipient(e, i);
		if (r->state != QUEUE_WAITING || r->code)
			return false;
	}
	return queue_count(e) > 0;
}

static bool
failed(char const *what, struct queue_file const *f)
{
	log_error(what, f->name.path, errno);
	return false;
}

/* What waits has failed. That is on disk before anybody is told, so that it is
 * not delivered after all. */
static bool
expire(struct settings const *s, struct queue_file *f, int64_t now)
{
	struct queue_entry *e = &f->entry;
	if (!queue_is_waiting(e) || now < schedule_end(s, e))
		return true;
	for (size_t i = 0; i < queue_count(e); i++) {
		struct queue_recipient *r = queue_recipient(e, i);
		if (r->state != QUEUE_WAITING)
			continue;
		r->state = QUEUE_FAILED;
		log_event("queue", "from", e->sender, "to", r->address,
		    "result", "expired", "answer", r->answer, (char *)NULL);
	}
	return settle_save(s, f) == QUEUE_OK || failed("write queue file", f);
}

static void
put_off(struct settings const *s, struct queue_file *f,
    struct dead_hop const *dead, int64_t now)
{
	char next[UTC_MAX];
	uint32_t luck = random_uint32(UINT32_MAX);
	int64_t due = dead
	    ? schedule_behind(s, &f->entry, now, dead->until, luck)
	    : schedule_next(s, &f->entry, now, luck);
	utc_format(due, next);
	if (queue_move(f, QUEUE_DEFERRED, due) == QUEUE_ERROR)
		failed("put off queue file", f);
	else
		log_event("queue", "from", f->entry.sender, "group",
		    f->entry.group, "result", "deferred", "next", next,
		    (char *)NULL);
}

/* Who was never tried has that for an answer. */
static void
explain(struct settings const *s, struct queue_file *f,
    struct dead_hop const *dead)
{
	char since[UTC_MAX], text[UTC_MAX + DEAD_HOP_WHY_MAX + 32];
	bool changed = false, ok = true;
	utc_format(dead->since, since);
	snprintf(text, sizeof text, "not tried, no answer since %s: %s", since,
	    dead->why);
	for (size_t i = 0; ok && i < queue_count(&f->entry); i++) {
		struct queue_recipient *r = queue_recipient(&f->entry, i);
		if (r->state != QUEUE_WAITING || r->answer)
			continue;
		ok = queue_set(&r->status, "4.4.1") &&
		    queue_set(&r->answer, text);
		changed = true;
	}
	if (!ok || (changed && settle_save(s, f) == QUEUE_ERROR))
		failed("write queue file", f);
}

/* Tells the sender, notes that, and removes what is done: then F is closed. */
static void
finish(struct settings const *s, struct queue_file *f, int64_t now)
{
	bool noted = notify_all(s, f, now);
	bool done = queue_is_done(&f->entry);
	if (!noted && !done)
		return;
	if (settle_record(s, f) == QUEUE_ERROR)
		failed("write queue file", f);
	else if (done)
		log_event("queue", "result", "removed", (char *)NULL);
}

enum settle
settle_file(struct settings const *s, int queue, char const *path,
    struct dead_hop const *dead)
{
	struct queue_file f;
	int64_t now = time(NULL);
	enum queue_result r = open_file(queue, path, &f);
	if (r != QUEUE_OK)
		return r == QUEUE_GONE ? SETTLE_ANSWERED : SETTLE_SKIPPED;
	enum settle result =
	    is_silent(&f.entry) ? SETTLE_SILENT : SETTLE_ANSWERED;
	if (dead)
		explain(s, &f, dead);
	if (f.fd >= 0 && expire(s, &f, now))
		finish(s, &f, now);
	if (f.fd >= 0)
		put_off(s, &f, dead, now);
	queue_file_close(&f);
	log_uid(NULL);
	return result;
}

void
settle_done(struct settings const *s, int queue, char const *path)
{
	struct queue_file f;
	if (open_file(queue, path, &f) != QUEUE_OK)
		return;
	if (!queue_is_waiting(&f.entry))
		finish(s, &f, time(NULL));
	queue_file_close(&f);
	log_uid(NULL);
}
