/* SPDX-License-Identifier: ISC */
/* SELECT, EXAMINE, CLOSE, UNSELECT, EXPUNGE and the verbs that only look. */
#include "session.h"

#include <errno.h>
#include <string.h>
#include "log.h"

static void
put_counts(struct session *s)
{
	struct mailbox *b = &s->box;
	uint32_t recent = 0;
	uint32_t unseen = 0;
	for (uint32_t i = 0; i < b->count; i++) {
		recent += b->messages[i].recent;
		if (!unseen && !(b->messages[i].flags & FLAG_SEEN))
			unseen = i + 1;
	}
	b->told = b->count;
	wire_puts(&s->wire, "* ");
	wire_number(&s->wire, b->count);
	wire_puts(&s->wire, " EXISTS\r\n* ");
	wire_number(&s->wire, recent);
	wire_puts(&s->wire, " RECENT\r\n");
	if (!unseen)
		return;
	wire_puts(&s->wire, "* OK [UNSEEN ");
	wire_number(&s->wire, unseen);
	wire_line(&s->wire, "] First unseen");
}

static void
put_uids(struct session *s)
{
	wire_puts(&s->wire, "* OK [UIDVALIDITY ");
	wire_number(&s->wire, s->box.uids.validity);
	wire_puts(&s->wire, "] UIDs are valid\r\n* OK [UIDNEXT ");
	wire_number(&s->wire, s->box.uids.next);
	wire_line(&s->wire, "] Next UID");
}

static answer
open_mailbox(struct session *s, struct cursor *c, bool writable)
{
	char folder[NAME_MAX_DISK + 1];
	int r = session_folder(s, c, folder);
	if (!r || !cursor_end(c))
		return ANSWER_BAD_ARGUMENTS;
	session_deselect(s);
	if (r < 0)
		return ANSWER_NO_MAILBOX;
	if (!mailbox_open(&s->box, s->root, folder, writable))
		return session_failed(s, "unable to open", folder);
	if (!mailbox_sync(&s->box)) {
		answer failed = session_failed(s, "unable to read", folder);
		session_deselect(s);
		return failed;
	}
	put_mailbox_flags(s);
	put_counts(s);
	put_uids(s);
	return writable ? "OK [READ-WRITE] SELECT completed"
	                : "OK [READ-ONLY] EXAMINE completed";
}

answer
cmd_select(struct session *s, struct cursor *c)
{
	return open_mailbox(s, c, true);
}

answer
cmd_examine(struct session *s, struct cursor *c)
{
	return open_mailbox(s, c, false);
}

/* Under the lock: removes what is \Deleted and, unless it is NULL, in UIDS. */
static answer
remove_deleted(struct session *s, struct sequence const *uids)
{
	struct mailbox *b = &s->box;
	answer failed = NULL;
	bool any = false;
	for (uint32_t i = 0; i < b->count && !failed; i++) {
		struct message *m = &b->messages[i];
		if (m->gone || !(m->flags & FLAG_DELETED) ||
		    (uids && !sequence_has(uids, m->uid)))
			continue;
		if (mailbox_remove(b, m))
			any = true;
		else if (errno != ENOENT)
			failed = session_failed(s, "unable to remove from",
			    b->folder);
		lock_touch(&b->lock);
	}
	if (any && !mailbox_settle(b) && !failed)
		failed = session_failed(s, "unable to sync", b->folder);
	return failed;
}

/* Also where the rest cannot be counted. */
static answer
expunge(struct session *s, struct sequence const *uids)
{
	struct mailbox *b = &s->box;
	struct quota q;
	answer failed;
	if (!session_quota_open(s, &q))
		log_error("unable to count", "INBOX", errno);
	if (mailbox_lock(b) && mailbox_sync(b))
		failed = remove_deleted(s, uids);
	else
		failed = session_failed(s, "unable to lock", b->folder);
	struct quota_usage gone = mailbox_take_removed(b);
	quota_change(&q, -(int64_t)gone.bytes, -(int64_t)gone.messages);
	mailbox_unlock(b);
	session_quota_close(s, &q);
	return failed;
}

answer
cmd_expunge(struct session *s, struct cursor *c)
{
	struct sequence uids = SEQUENCE_ZERO;
	answer failed = NULL;
	if (s->uid && (!cursor_sequence(c, &uids) || !cursor_end(c))) {
		failed = ANSWER_BAD_ARGUMENTS;
	} else if (!s->box.writable) {
		failed = "NO [CANNOT] The mailbox is open read-only";
	} else {
		uint32_t n = s->box.count;
		sequence_resolve(&uids, n ? s->box.messages[n - 1].uid : 0);
		failed = expunge(s, s->uid ? &uids : NULL);
	}
	stralloc_free(&uids.ranges);
	return failed ? failed : "OK EXPUNGE completed";
}

answer
cmd_close(struct session *s, struct cursor *c)
{
	(void)c;
	answer failed = s->box.writable ? expunge(s, NULL) : NULL;
	session_deselect(s);
	return failed ? failed : "OK CLOSE completed";
}

answer
cmd_unselect(struct session *s, struct cursor *c)
{
	(void)c;
	session_deselect(s);
	return "OK UNSELECT completed";
}

answer
cmd_check(struct session *s, struct cursor *c)
{
	(void)s;
	(void)c;
	return "OK CHECK completed";
}

answer
cmd_noop(struct session *s, struct cursor *c)
{
	(void)s;
	(void)c;
	return "OK NOOP completed";
}
