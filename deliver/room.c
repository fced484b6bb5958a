/* SPDX-License-Identifier: ISC */
#include "room.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "exitcode.h"
#include "log.h"
#include "maildir.h"

static int
fail_full(struct target *t, struct settings const *settings)
{
	bool later = settings->quota_full_tempfail;
	target_fail(t, later ? EXIT_TEMP : EXIT_REFUSED,
	    later ? "4.2.2" : "5.2.2", "mailbox is full");
	return 0;
}

static int
fail_reading(struct target *t, int errnum)
{
	log_error("count mailbox", t->path, errnum);
	target_fail(t, EXIT_TEMP, "4.3.0", "mailbox cannot be read");
	return 0;
}

static int
look_for_room(struct room *r, struct target *t, struct settings const *settings,
    uint64_t size)
{
	int room = quota_open(&r->quota, r->root, t->path, &t->quota)
	    ? quota_room(&r->quota, size, 1, settings->quota_grace)
	    : -1;
	if (room < 0)
		return fail_reading(t, errno);
	return room || fail_full(t, settings);
}

int
room_open(struct room *r, struct target *t, int root,
    struct settings const *settings, uint64_t size)
{
	r->root = fcntl(root, F_DUPFD_CLOEXEC, 3);
	if (r->root < 0)
		return fail_reading(t, errno);
	r->open = true;
	if (look_for_room(r, t, settings, size))
		return 1;
	room_close(r);
	return 0;
}

/* What is not there yet, or no Maildir, is empty. */
int
room_look(struct target *t, int basefd, struct settings const *settings,
    uint64_t size)
{
	struct quota_usage const none = { 0, 0 };
	struct room r = { .open = false };
	if (!quota_limit_is_any(&t->quota))
		return 1;
	int root = maildir_open(basefd, t->path, false);
	if (root < 0 && (errno == ENOENT || errno == ENOTDIR))
		return quota_has_room(&t->quota, &none, size, 1,
		           settings->quota_grace) ||
		    fail_full(t, settings);
	if (root < 0)
		return fail_reading(t, errno);
	int ok = room_open(&r, t, root, settings, size);
	room_close(&r);
	close(root);
	return ok;
}

int
room_take(struct room *r, struct target *t, struct settings const *settings,
    uint64_t size)
{
	if (!quota_take(&r->quota, size, 1, settings->quota_grace))
		return fail_full(t, settings);
	r->taken = size;
	return 1;
}

void
room_give_back(struct room *r)
{
	if (r->taken)
		quota_change(&r->quota, -(int64_t)r->taken, -1);
	r->taken = 0;
}

void
room_settle(struct room *r, struct target const *t)
{
	struct quota *q = &r->quota;
	if (r->open && !q->certain &&
	    !quota_has_room(&q->limit, &q->used, 1, 1, 0) && !quota_recount(q))
		log_error("count mailbox", t->path, errno);
}

void
room_close(struct room *r)
{
	if (!r->open)
		return;
	quota_close(&r->quota);
	close(r->root);
	r->open = false;
}
