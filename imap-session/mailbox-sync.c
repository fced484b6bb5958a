/* SPDX-License-Identifier: ISC */
/* Bringing the view up to date, with as little looking as will do: the times of
 * cur/ and new/ and the list of UIDs tell whether all is as the index says. */
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "log.h"
#include "mailbox-parts.h"

enum {
	RELOOK_SECONDS = 1,
	LEARNED_MIN = 256, /* facts that are worth the lock while a mailbox is
			    * open */
	RELOOK_MESSAGES = 1 << 15 /* a second more for as many */
};

/* --- what has changed --------------------------------------------------- */

static struct index_time
time_of(struct timespec const *t)
{
	return (struct index_time){ t->tv_sec, (uint32_t)t->tv_nsec };
}

static bool
same_time(struct index_time const *a, struct timespec const *b)
{
	return a->seconds == b->tv_sec && a->ns == b->tv_nsec;
}

static bool
list_is_seen(struct mailbox const *b)
{
	struct stat st;
	if (fstatat(b->dir, UIDLIST_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return b->unwritten && errno == ENOENT;
	return b->seen.uids.inode && uidlist_is_known(&b->seen.uids, &st);
}

enum look
mailbox_must_look(struct mailbox const *b)
{
	struct stat cur;
	struct stat new;
	bool again = b->relook && time(NULL) >= b->relook;
	if (b->dirty || (again && !b->seen.cur_settled) ||
	    fstatat(b->dir, "cur", &cur, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fstatat(b->dir, "new", &new, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !same_time(&b->seen.cur, &cur.st_mtim) || !list_is_seen(b))
		return LOOK_ALL;
	if ((again && !b->seen.new_settled) ||
	    !same_time(&b->seen.new, &new.st_mtim))
		return LOOK_NEW;
	return LOOK_NOT;
}

static bool
some_in_new(struct mailbox const *b)
{
	for (uint32_t i = 0; i < b->count; i++)
		if (b->messages[i].in_new && !b->messages[i].gone)
			return true;
	return false;
}

/* A mailbox that is read-write leaves no message in new/. */
static enum look
must_look(struct mailbox *b)
{
	enum look look = mailbox_must_look(b);
	b->has_new = b->has_new && some_in_new(b);
	return look == LOOK_NOT && b->writable && b->has_new ? LOOK_NEW : look;
}

void
mailbox_relook_soon(struct mailbox *b)
{
	b->relook = time(NULL) + RELOOK_SECONDS + b->count / RELOOK_MESSAGES;
}

void
mailbox_notice(struct mailbox *b)
{
	if (!b->seen.cur_settled || !b->seen.new_settled)
		b->dirty = true;
}

/* What this process changes itself need not make it look again, except once,
 * later: somebody else may have changed something in the same tick. */
void
mailbox_note_changes(struct mailbox *b)
{
	struct stat cur;
	struct stat new;
	if (!b->in_step ||
	    fstatat(b->dir, "cur", &cur, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fstatat(b->dir, "new", &new, AT_SYMLINK_NOFOLLOW) < 0) {
		b->dirty = true;
		b->in_step = false;
		return;
	}
	bool same_cur = same_time(&b->seen.cur, &cur.st_mtim);
	bool same_new = same_time(&b->seen.new, &new.st_mtim);
	b->seen.cur_settled = b->seen.cur_settled && same_cur;
	b->seen.new_settled = b->seen.new_settled && same_new;
	b->seen.cur = time_of(&cur.st_mtim);
	b->seen.new = time_of(&new.st_mtim);
	if (!b->relook && !(same_cur && same_new))
		mailbox_relook_soon(b);
}

/* --- the look ----------------------------------------------------------- */

int
mailbox_check_same(struct mailbox *b)
{
	struct stat st;
	if (!b->uids.validity) {
		errno = EPROTO;
		return 0;
	}
	if (!b->validity)
		b->validity = b->uids.validity;
	if (fstat(b->dir, &st) == 0 && st.st_nlink &&
	    b->validity == b->uids.validity)
		return 1;
	errno = ESTALE;
	return 0;
}

/* What the client was not told of cannot change, or go. */
static void
begin(struct mailbox *b)
{
	if (b->shown)
		return;
	b->shown = true;
	bool gone = false;
	for (uint32_t i = 0; i < b->count; i++) {
		if (b->messages[i].changed)
			b->messages[i].changed = false;
		gone = gone || b->messages[i].gone;
	}
	if (gone)
		mailbox_forget(b);
	if (!b->highest_modseq)
		(void)mailbox_next_modseq(b);
	if (!b->floor)
		b->floor = b->highest_modseq;
}

static int
look(struct mailbox *b)
{
	enum look what = must_look(b);
	int ok = what == LOOK_NEW ? mailbox_show_new(b) : -1;
	if (ok < 0)
		ok = what == LOOK_NOT || mailbox_show_all(b);
	b->in_step = ok;
	if (ok)
		begin(b);
	return ok;
}

/* Without the lock another program may be in the middle of a rename, and UIDs
 * and mod-sequences are given by one at a time. */
static int
look_with_lock(struct mailbox *b)
{
	if (!mailbox_lock(b)) {
		if (errno != EROFS && errno != EACCES && errno != EDQUOT &&
		    errno != ENOSPC)
			return 0;
		log_error("unable to lock", mailbox_label(b), errno);
		return mailbox_show_unlocked(b);
	}
	int ok = look(b);
	mailbox_unlock(b);
	return ok;
}

static int
sync_view(struct mailbox *b)
{
	mailbox_read_index(b);
	b->loaded = true;
	int ok = b->locked             ? look(b)
	    : must_look(b) != LOOK_NOT ? look_with_lock(b)
	                               : 1;
	if (!ok || !mailbox_check_same(b))
		return 0;
	begin(b);
	if (b->learned > LEARNED_MIN && b->learned > b->count / 8)
		mailbox_keep_facts(b);
	return 1;
}

int
mailbox_sync(struct mailbox *b)
{
	int keywords = keywords_load(&b->keywords, b->dir);
	if (keywords < 0)
		log_error("unable to read", KEYWORDS_FILE, errno);
	if (keywords > 0)
		b->keywords_changed = true;
	if (sync_view(b))
		return 1;
	int saved = errno;
	b->dirty = true;
	errno = mailbox_is_deleted(b) ? ESTALE : saved;
	return 0;
}

int
mailbox_look_again(struct mailbox *b, struct message **m)
{
	uint32_t uid = (*m)->uid;
	b->dirty = true;
	if (!mailbox_sync(b))
		return 0;
	*m = mailbox_find(b, uid);
	if (*m && !(*m)->gone)
		return 1;
	errno = ENOENT;
	return 0;
}
