/* SPDX-License-Identifier: ISC */
/* CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE. */
#include "session.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "folders.h"
#include "log.h"
#include "maildir.h"
#include "metadata.h"
#include "object-id.h"
#include "special-use.h"
#include "subscriptions.h"
#include "transfer.h"

static char const exists[] = "NO [ALREADYEXISTS] The mailbox exists";
static char const bad_use[] = "NO [USEATTR] Not a use the mailbox can have";
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

/* "(" [use-attr *(SP use-attr)] ")" (RFC 6154 section 3). *KNOWN is false when one
 * is none of those a mailbox can have here. */
static bool
cursor_uses(struct cursor *c, unsigned *uses, bool *known)
{
	char const *at;
	size_t len;
	if (!cursor_char(c, '('))
		return false;
	if (cursor_char(c, ')'))
		return true;
	do {
		unsigned use = 0;
		if (!cursor_char(c, '\\') || !cursor_atom(c, &at, &len))
			return false;
		if (!special_use_parse(at - 1, len + 1, &use))
			*known = false;
		*uses |= use;
	} while (cursor_space(c));
	return cursor_char(c, ')');
}

/* SP "(" "USE" SP uses ")", or nothing. */
static bool
create_options(struct cursor *c, unsigned *uses, bool *known)
{
	if (cursor_end(c))
		return true;
	return cursor_space(c) && cursor_char(c, '(') &&
	    cursor_word(c, "USE") && cursor_space(c) &&
	    cursor_uses(c, uses, known) && cursor_char(c, ')') && cursor_end(c);
}

static bool
keep_uses(struct session *s, char const *folder, unsigned uses)
{
	char text[SPECIAL_USE_TEXT];
	special_use_format(uses, text);
	struct metadata_entry e = { bytes_of(SPECIAL_USE_ENTRY), bytes_of(text),
		false };
	int dir = maildir_open_folder(s->root, folder, false);
	bool ok = dir >= 0 && metadata_change(dir, METADATA_FILE, &e, 1);
	int saved = errno;
	if (dir >= 0)
		close(dir);
	errno = saved;
	return ok;
}

/* RFC 8474 section 4.1 */
static answer
created(struct session *s, char const *folder)
{
	struct mailbox box;
	char id[OBJECT_ID_SIZE];
	if (!mailbox_open(&box, s->root, folder, false) ||
	    !mailbox_sync(&box)) {
		mailbox_close(&box);
		return "OK CREATE completed";
	}
	mailbox_id(&box, id);
	mailbox_close(&box);
	answer_start(s, "OK [MAILBOXID (");
	answer_add(s, id);
	return answer_done(s, ")] CREATE completed");
}

static answer
create(struct session *s, char const *folder, unsigned uses)
{
	struct quota_usage nothing = { 0, 0 };
	int r = uses
	    ? special_use_allowed(s->root, folder, uses, s->spam_folder)
	    : 1;
	if (r < 0)
		return session_failed(s, "unable to list", "");
	if (!r)
		return bad_use;
	session_notify_own(s, folder);
	if (!folder_create(s->root, folder))
		return folder_failed(s, "unable to create", folder);
	if (!uses || keep_uses(s, folder, uses))
		return created(s, folder);
	answer failed = session_failed(s, "unable to write the use of", folder);
	folder_delete(s->root, folder, &nothing);
	return failed;
}

answer
cmd_create(struct session *s, struct cursor *c)
{
	char folder[NAME_MAX_DISK + 1];
	unsigned uses = 0;
	bool known = true;
	int r = session_folder(s, c, folder);
	if (!r || !create_options(c, &uses, &known))
		return ANSWER_BAD_ARGUMENTS;
	if (r < 0)
		return ANSWER_BAD_NAME;
	if (!*folder)
		return exists;
	return known ? create(s, folder, uses) : bad_use;
}

static bool
is_selected(struct session *s, char const *folder)
{
	struct mailbox box;
	bool same = session_selected(s) &&
	    mailbox_open(&box, s->root, folder, false) &&
	    mailbox_same(&box, &s->box);
	if (session_selected(s))
		mailbox_close(&box);
	return same;
}

static answer
delete_folder(struct session *s, char const *folder)
{
	struct quota_usage gone = { 0, 0 };
	struct quota q;
	bool selected = is_selected(s, folder);
	if (!session_quota_open(s, &q))
		log_error("unable to count", "INBOX", errno);
	answer failed = folder_delete(s->root, folder, &gone)
	    ? NULL
	    : folder_failed(s, "unable to delete", folder);
	quota_change(&q, -(int64_t)gone.bytes, -(int64_t)gone.messages);
	session_quota_close(s, &q);
	if (failed)
		return failed;
	if (selected)
		session_lose(s);
	return "OK DELETE completed";
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
	session_notify_own(s, folder);
	return delete_folder(s, folder);
}

static bool
move_all(struct session *s, struct mailbox *from, char const *to)
{
	struct sequence all = SEQUENCE_ZERO;
	struct copied t;
	struct quota q;
	struct training none;
	bool ok = true;
	training_start(&none, s->root, LESSON_NONE);
	for (uint32_t i = 1; i <= from->count && ok; i++)
		ok = sequence_add(&all, i);
	if (ok) {
		if (!session_quota_open(s, &q))
			log_error("unable to count", "INBOX", errno);
		ok = transfer_messages(&t, from, to, &all, true, &q, &none);
		transfer_free(&t);
		session_quota_close(s, &q);
	}
	int saved = errno;
	stralloc_free(&all.ranges);
	errno = saved;
	return ok;
}

/* RFC 5464 section 4.1: INBOX keeps its annotations, the new mailbox has them
 * too, but for what it is used for. */
static bool
copy_metadata(struct session *s, char const *to)
{
	struct metadata_entry e[METADATA_ENTRIES_MAX];
	stralloc text = STRALLOC_ZERO;
	size_t count = 0;
	int dir = maildir_open_folder(s->root, to, false);
	bool ok = dir >= 0 && metadata_read(s->root, METADATA_FILE, &text);
	struct bytes rest = { text.len ? text.s : "", text.len };
	while (ok && count < METADATA_ENTRIES_MAX &&
	    metadata_next(&rest, &e[count]))
		count += !bytes_are(e[count].name, SPECIAL_USE_ENTRY);
	ok = ok && (!count || metadata_change(dir, METADATA_FILE, e, count));
	int saved = errno;
	if (dir >= 0)
		close(dir);
	stralloc_free(&text);
	errno = saved;
	return ok;
}

/* RFC 3501 6.3.5: the messages go to a new mailbox, INBOX stays, empty. */
static answer
rename_inbox(struct session *s, char const *to)
{
	struct quota_usage nothing = { 0, 0 };
	struct mailbox inbox;
	if (!folder_create(s->root, to))
		return folder_failed(s, "unable to create", to);
	bool ready = mailbox_open(&inbox, s->root, "", true) &&
	    mailbox_sync(&inbox) && copy_metadata(s, to);
	answer failed = ready && move_all(s, &inbox, to)
	    ? NULL
	    : session_failed(s, "unable to move", to);
	mailbox_close(&inbox);
	if (!ready)
		folder_delete(s->root, to, &nothing);
	return failed ? failed : "OK RENAME completed";
}

/* The selected mailbox is still the same one. */
static void
follow_rename(struct session *s, char const *from, char const *to)
{
	char new[NAME_MAX_DISK + 1];
	if (session_selected(s) && folder_renamed(s->box.folder, from, to, new))
		memcpy(s->box.folder, new, strlen(new) + 1);
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
	session_notify_own(s, from);
	session_notify_own(s, to);
	if (!*from)
		return rename_inbox(s, to);
	if (!folder_rename(s->root, from, to))
		return folder_failed(s, "unable to rename", from);
	follow_rename(s, from, to);
	return "OK RENAME completed";
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
	session_notify_own(s, folder);
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
