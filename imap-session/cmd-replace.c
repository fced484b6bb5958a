/* SPDX-License-Identifier: ISC */
/* REPLACE (RFC 8508). The new message is durable before the old one goes, and
 * both happen under the locks of both mailboxes. */
#include "session.h"

#include <errno.h>
#include "append.h"
#include "log.h"

/* seq-number, or a UID; in the selected mailbox */
static bool
old_message(struct append *a)
{
	struct session *s = a->s;
	struct mailbox *b = &s->box;
	uint32_t n = b->told;
	bool star = cursor_char(&a->c, '*');
	if (!star && !cursor_nz_number(&a->c, &n))
		return append_fail(a, ANSWER_BAD_ARGUMENTS);
	bool by_uid = s->uid && !star;
	struct message *m = by_uid ? mailbox_find(b, n)
	    : n && n <= b->told    ? &b->messages[n - 1]
	                           : NULL;
	if (!m && !s->uid)
		return append_fail(a, ANSWER_BAD_ARGUMENTS);
	if (!m || m->gone)
		return append_fail(a, ANSWER_GONE);
	if (!b->writable)
		return append_fail(a,
		    "NO [CANNOT] The mailbox is open read-only");
	a->replaces = m->uid;
	a->goes_away = (struct quota_usage){ mailbox_stored_size(b, m), 1 };
	return true;
}

/* ENOENT: somebody else has removed it. */
static struct message *
find_old(struct append *a)
{
	struct message *m = mailbox_find(&a->s->box, a->replaces);
	if (m && !m->gone)
		return m;
	errno = ENOENT;
	return NULL;
}

/* Under the locks. */
static bool
exchange(struct append *a, struct mailbox *to)
{
	struct mailbox *b = &a->s->box;
	struct message *m;
	if (!mailbox_sync(b) || !find_old(a) ||
	    !staged_show(&a->staged, to, &a->uids) || !(m = find_old(a)) ||
	    !mailbox_remove(b, m))
		return false;
	append_teach(a);
	mailbox_take_removed(b); /* the caller has counted it */
	b->dirty = b->dirty || to == b;
	if (!mailbox_settle(b))
		log_error("unable to sync", *b->folder ? b->folder : "INBOX",
		    errno);
	return true;
}

static bool
deliver(struct append *a)
{
	struct mailbox *b = &a->s->box;
	struct mailbox *to = mailbox_same(&a->box, b) ? b : &a->box;
	bool ok = mailbox_lock_two(b, &a->box);
	if (ok) {
		ok = exchange(a, to);
		int saved = errno;
		if (!ok)
			staged_abandon(&a->staged, a->box.dir);
		a->box.validity = to->uids.validity;
		mailbox_unlock(&a->box);
		mailbox_unlock(b);
		errno = saved;
	}
	if (!ok && errno == ENOENT)
		return append_fail(a, ANSWER_GONE);
	return ok || append_failed(a, "unable to deliver to");
}

/* RFC 8508 3.4: told before the EXPUNGE. */
static answer
replaced(struct append *a)
{
	struct session *s = a->s;
	answer_start(s, "* OK [APPENDUID ");
	answer_number(s, a->box.validity);
	answer_add(s, " ");
	answer_set(s, &a->uids);
	wire_line(&s->wire, answer_done(s, "] Replacement is there"));
	return answer_with_modseq(s, "OK REPLACE completed");
}

answer
cmd_replace(struct session *s, struct cursor *c)
{
	struct append a;
	append_start(&a, s, c);
	if (!old_message(&a))
		return append_finish(&a);
	int r = cursor_space(&a.c) ? session_folder(s, &a.c, a.folder) : 0;
	if (!r || !cursor_space(&a.c))
		append_fail(&a, ANSWER_BAD_ARGUMENTS);
	else if (append_open(&a, r > 0) && append_message(&a) &&
	    append_end(&a) && append_store(&a, deliver))
		a.text = replaced(&a);
	else
		staged_abandon(&a.staged, a.box.dir);
	return append_finish(&a);
}
