/* SPDX-License-Identifier: ISC */
/* APPEND (RFC 3501, RFC 3502, RFC 3516, RFC 4469). After the last message all
 * become visible and get their UIDs, or none; only then is answered OK. */
#include "session.h"

#include <errno.h>
#include <time.h>
#include "append.h"
#include "maildir.h"

/* append-message *(SP append-message), behind the first space */
static bool
messages(struct append *a)
{
	do
		if (!append_message(a))
			return false;
	while (cursor_space(&a->c));
	return append_end(a);
}

static bool
deliver(struct append *a)
{
	bool ok =
	    mailbox_lock(&a->box) && staged_show(&a->staged, &a->box, &a->uids);
	if (ok)
		append_teach(a);
	int saved = errno;
	if (!ok)
		staged_abandon(&a->staged, a->box.dir);
	mailbox_unlock(&a->box);
	errno = saved;
	return ok || append_failed(a, "unable to deliver to");
}

static answer
stored(struct append *a)
{
	struct session *s = a->s;
	maildir_sweep(a->box.dir, time(NULL));
	answer_start(s, "OK [APPENDUID ");
	answer_number(s, a->box.uids.validity);
	answer_add(s, " ");
	answer_set(s, &a->uids);
	return answer_done(s, "] APPEND completed");
}

answer
cmd_append(struct session *s, struct cursor *c)
{
	struct append a;
	append_start(&a, s, c);
	int r = session_folder(s, &a.c, a.folder);
	if (!r || !cursor_space(&a.c))
		append_fail(&a, ANSWER_BAD_ARGUMENTS);
	else if (append_open(&a, r > 0) && messages(&a) &&
	    append_store(&a, deliver))
		a.text = stored(&a);
	else
		staged_abandon(&a.staged, a.box.dir);
	return append_finish(&a);
}

/* --- its literals ----------------------------------------------------------- */

/* tag SP ["UID" SP] verb SP, behind which a mailbox comes */
static bool
verb(struct cursor *c)
{
	char const *at;
	size_t len;
	if (!cursor_tag(c, &at, &len) || !cursor_space(c))
		return false;
	bool uid = cursor_word(c, "UID") && cursor_space(c);
	if (!uid && cursor_word(c, "APPEND"))
		return cursor_space(c);
	return cursor_word(c, "REPLACE") && cursor_space(c) &&
	    (cursor_char(c, '*') || cursor_atom(c, &at, &len)) &&
	    cursor_space(c);
}

bool
append_is_message(struct session *s)
{
	char folder[NAME_MAX_DISK + 1];
	stralloc const *text = &s->command.text;
	struct cursor c = { text->s, text->len, 0 };
	return !s->command.skipping && verb(&c) &&
	    session_folder(s, &c, folder) && cursor_space(&c);
}
