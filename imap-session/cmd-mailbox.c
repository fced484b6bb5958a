/* SPDX-License-Identifier: ISC */
/* CLOSE, UNSELECT, EXPUNGE and the verbs that only look. */
#include "session.h"

#include <errno.h>
#include "log.h"

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

/* Also where the rest cannot be counted. *ANY: something was removed. */
static answer
expunge(struct session *s, struct sequence const *uids, bool *any)
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
	*any = gone.messages > 0;
	return failed;
}

answer
cmd_expunge(struct session *s, struct cursor *c)
{
	struct sequence uids = SEQUENCE_ZERO;
	answer failed = NULL;
	bool any = false;
	if (s->uid && (!cursor_sequence(c, &uids) || !cursor_end(c))) {
		failed = ANSWER_BAD_ARGUMENTS;
	} else if (!s->box.writable) {
		failed = "NO [CANNOT] The mailbox is open read-only";
	} else if (!session_uids(s, &uids)) {
		failed = ANSWER_NO_MEMORY;
	} else {
		failed = expunge(s, s->uid ? &uids : NULL, &any);
	}
	stralloc_free(&uids.ranges);
	if (failed)
		return failed;
	return any ? answer_with_modseq(s, "OK EXPUNGE completed")
	           : "OK EXPUNGE completed";
}

answer
cmd_close(struct session *s, struct cursor *c)
{
	bool any;
	(void)c;
	answer failed = session_selected(s) && s->box.writable
	    ? expunge(s, NULL, &any)
	    : NULL;
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
