/* SPDX-License-Identifier: ISC */
/* dovecot-uidlist.lock, and the list of UIDs that it guards. */
#include "mailbox.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "log.h"
#include "mailbox-parts.h"
#include "uidvalidity.h"

bool
mailbox_still_locked(struct mailbox const *b)
{
	if (lock_held(&b->lock))
		return true;
	errno = EAGAIN;
	return false;
}

/* --- the list of UIDs ----------------------------------------------------- */

/* A list that is missing or damaged is made anew: all UIDs change, which a
 * greater UIDVALIDITY tells. */
static int
make_list(struct mailbox *b, uint32_t floor)
{
	if (!mailbox_still_locked(b))
		return 0;
	uint32_t validity = uidvalidity_next(b->root, floor);
	return validity && uidlist_create(&b->uids, b->dir, validity, 1);
}

int
mailbox_load_list(struct mailbox *b)
{
	if (b->uids.skipped || b->uids.fd < 0)
		uidlist_clear(&b->uids);
	int found = uidlist_load(&b->uids, b->dir);
	if (found > 0)
		return 1;
	if (found < 0 && errno != EPROTO)
		return 0;
	if (found < 0)
		log_error("damaged, all UIDs of the mailbox change",
		    mailbox_label(b), EPROTO);
	uint32_t floor =
	    b->uids.validity > b->validity ? b->uids.validity : b->validity;
	return make_list(b, floor);
}

/* A list that is as the index knows it need not be read to be added to. */
static int
open_list(struct mailbox *b)
{
	if (b->uids.fd >= 0 && uidlist_load(&b->uids, b->dir) == 1)
		return 1;
	if (b->seen.uids.inode &&
	    uidlist_open_known(&b->uids, b->dir, &b->seen.uids))
		return 1;
	return mailbox_load_list(b);
}

int
mailbox_read_list(struct mailbox *b)
{
	struct uidlist *u = &b->uids;
	if (b->unwritten || (u->fd >= 0 && !u->skipped))
		return 1;
	if (u->fd >= 0 && u->on_disk != u->skipped + u->text.len) {
		errno = EBUSY; /* UIDs that are not written would be lost */
		return 0;
	}
	struct uidlist_known known = { .validity = u->validity,
		.next = u->next };
	uidlist_clear(u);
	if (uidlist_load(u, b->dir) == 1)
		return 1;
	uidlist_clear(u);
	u->validity = known.validity;
	u->next = known.next;
	return 0;
}

int
mailbox_read_list_header(struct mailbox *b)
{
	if (b->unwritten || b->uids.fd >= 0 ||
	    (b->seen.uids.inode &&
	        uidlist_open_known(&b->uids, b->dir, &b->seen.uids)))
		return 1;
	return mailbox_read_list(b);
}

int
mailbox_has_name(struct mailbox *b, char const *base, size_t len)
{
	if (!mailbox_read_list(b))
		return -1;
	return uidlist_find(&b->uids, base, len) != NULL;
}

int
mailbox_flush_uids(struct mailbox *b)
{
	return mailbox_still_locked(b) && uidlist_flush(&b->uids, b->dir);
}

void
mailbox_drop_uids(struct mailbox *b)
{
	uidlist_clear(&b->uids);
	b->dirty = true;
	b->in_step = false;
}

/* --- the lock ----------------------------------------------------------- */

/* What others did while the lock was not ours. */
static int
catch_up(struct mailbox *b)
{
	if (keywords_load(&b->keywords, b->dir) > 0)
		b->keywords_changed = true;
	if (b->loaded)
		mailbox_read_index(b);
	else
		mailbox_peek_index(b);
	b->in_step = mailbox_must_look(b) == LOOK_NOT;
	if (!open_list(b))
		return 0;
	if (!b->validity || b->validity == b->uids.validity)
		return 1;
	errno = ESTALE;
	return 0;
}

static int
locked(struct mailbox *b)
{
	b->locked = true;
	if (catch_up(b))
		return 1;
	int saved = errno;
	mailbox_unlock(b);
	errno = saved;
	return 0;
}

int
mailbox_lock(struct mailbox *b)
{
	return b->locked ||
	    (lock_take(&b->lock, b->dir, UIDLIST_LOCK) && locked(b));
}

int
mailbox_try_lock(struct mailbox *b)
{
	return b->locked ||
	    (lock_try(&b->lock, b->dir, UIDLIST_LOCK) && locked(b));
}

void
mailbox_unlock(struct mailbox *b)
{
	if (!b->locked)
		return;
	int saved = errno;
	mailbox_write_index(b);
	b->locked = b->in_step = false;
	if (!lock_drop(&b->lock)) {
		log_error("lock was lost", mailbox_label(b), 0);
		/* Others may have given the same mod-sequences. */
		b->dirty = b->index.lags = b->index.restarts = true;
	}
	errno = saved;
}

/* Less than, equal to or greater than 0. */
static int
directory_order(struct mailbox const *a, struct mailbox const *b)
{
	struct stat x;
	struct stat y;
	if (fstat(a->dir, &x) < 0 || fstat(b->dir, &y) < 0)
		return strcmp(a->folder, b->folder);
	if (x.st_dev != y.st_dev)
		return x.st_dev < y.st_dev ? -1 : 1;
	return (x.st_ino > y.st_ino) - (x.st_ino < y.st_ino);
}

bool
mailbox_same(struct mailbox const *a, struct mailbox const *b)
{
	return directory_order(a, b) == 0;
}

int
mailbox_lock_two(struct mailbox *a, struct mailbox *b)
{
	int order = directory_order(a, b);
	if (order == 0)
		return mailbox_lock(a);
	struct mailbox *first = order < 0 ? a : b;
	struct mailbox *second = order < 0 ? b : a;
	if (!mailbox_lock(first))
		return 0;
	if (mailbox_lock(second))
		return 1;
	int saved = errno;
	mailbox_unlock(first);
	errno = saved;
	return 0;
}
