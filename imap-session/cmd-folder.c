/* SPDX-License-Identifier: ISC */
/* CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE. */
#include "session.h"

#include <errno.h>
#include <string.h>
#include "folders.h"
#include "log.h"
#include "subscriptions.h"
#include "transfer.h"

static char const exists[] = "NO [ALREADYEXISTS] The mailbox exists";
static char const cannot_inbox[] = "NO [CANNOT] Not with INBOX";

static answer
folder_failed(struct session *s, char const *what, char const *folder)
{
	if (errno == EEXIST || errno == ENOTEMPTY)
		return exists;
	if (errno == ENAMETOOLONG || errno == EINVAL)
		return ANSWER_BAD_NAME;
	return session_failed(s, what, folder);
}

answer
cmd_create(struct session *s, struct cursor *c)
{
	char folder[NAME_MAX_DISK + 1];
	int r = session_folder(s, c, folder);
	if (!r || !cursor_end(c))
		return ANSWER_BAD_ARGUMENTS;
	if (r < 0)
		return ANSWER_BAD_NAME;
	if (!*folder)
		return exists;
	return folder_create(s->root, folder)
	    ? "OK CREATE completed"
	    : folder_failed(s, "unable to create", folder);
}

static answer
delete_folder(struct session *s, char const *folder)
{
	struct quota_usage gone = { 0, 0 };
	struct quota q;
	if (!session_quota_open(s, &q))
		log_error("unable to count", "INBOX", errno);
	answer failed = folder_delete(s->root, folder, &gone)
	    ? NULL
	    : folder_failed(s, "unable to delete", folder);
	quota_change(&q, -(int64_t)gone.bytes, -(int64_t)gone.messages);
	session_quota_close(s, &q);
	return failed ? failed : "OK DELETE completed";
}

answer
cmd_delete(struct session *s, struct cursor *c)
{
	char folder[NAME_MAX_DISK + 1];
	int r = session_folder(s, c, folder);
	if (!r || !cursor_end(c))
		return ANSWER_BAD_ARGUMENTS;
	if (r < 0)
		return ANSWER_NO_MAILBOX;
	if (!*folder)
		return cannot_inbox;
	if (!folder_exists(s->root, folder))
		return ANSWER_NO_MAILBOX;
	if (session_selected(s) && strcmp(s->box.folder, folder) == 0)
		session_deselect(s);
	return delete_folder(s, folder);
}

static bool
move_all(struct session *s, struct mailbox *from, char const *to)
{
	struct sequence all = SEQUENCE_ZERO;
	struct transfer t;
	struct quota q;
	bool ok = true;
	for (uint32_t i = 1; i <= from->count && ok; i++)
		ok = sequence_add(&all, i);
	if (ok) {
		if (!session_quota_open(s, &q))
			log_error("unable to count", "INBOX", errno);
		ok = transfer_messages(&t, from, to, &all, true, &q);
		transfer_free(&t);
		session_quota_close(s, &q);
	}
	int saved = errno;
	stralloc_free(&all.ranges);
	errno = saved;
	return ok;
}

/* RFC 3501 6.3.5: the messages go to a new mailbox, INBOX stays, empty. */
static answer
rename_inbox(struct session *s, char const *to)
{
	struct mailbox inbox;
	if (!folder_create(s->root, to))
		return folder_failed(s, "unable to create", to);
	bool ok = mailbox_open(&inbox, s->root, "", true) &&
	    mailbox_sync(&inbox) && move_all(s, &inbox, to);
	answer failed = ok ? NULL : session_failed(s, "unable to move", to);
	mailbox_close(&inbox);
	return failed ? failed : "OK RENAME completed";
}

answer
cmd_rename(struct session *s, struct cursor *c)
{
	char from[NAME_MAX_DISK + 1];
	char to[NAME_MAX_DISK + 1];
	int r = session_folder(s, c, from);
	int q = r && cursor_space(c) ? session_folder(s, c, to) : 0;
	if (!q || !cursor_end(c))
		return ANSWER_BAD_ARGUMENTS;
	if (r < 0)
		return ANSWER_NO_MAILBOX;
	if (q < 0)
		return ANSWER_BAD_NAME;
	if (!*to)
		return exists;
	if (!*from)
		return rename_inbox(s, to);
	return folder_rename(s->root, from, to)
	    ? "OK RENAME completed"
	    : folder_failed(s, "unable to rename", from);
}

static answer
subscribe(struct session *s, struct cursor *c, bool subscribed)
{
	char folder[NAME_MAX_DISK + 1];
	int r = session_folder(s, c, folder);
	if (!r || !cursor_end(c))
		return ANSWER_BAD_ARGUMENTS;
	if (r < 0 || (subscribed && !folder_exists(s->root, folder)))
		return ANSWER_NO_MAILBOX;
	if (!subscriptions_change(s->root, *folder ? folder : "INBOX",
	        subscribed))
		return session_failed(s, "unable to change subscriptions for",
		    folder);
	return subscribed ? "OK SUBSCRIBE completed"
	                  : "OK UNSUBSCRIBE completed";
}

answer
cmd_subscribe(struct session *s, struct cursor *c)
{
	return subscribe(s, c, true);
}

answer
cmd_unsubscribe(struct session *s, struct cursor *c)
{
	return subscribe(s, c, false);
}
