/* SPDX-License-Identifier: ISC */
/* SELECT and EXAMINE (RFC 3501; RFC 7162 for what changed since when). */
#include "session.h"

#include <string.h>

#include "object-id.h"
#include "select.h"

static void
put_unseen(struct session *s)
{
	struct mailbox *b = &s->box;
	uint32_t i = 0;
	while (i < b->count && b->messages[i].flags & FLAG_SEEN)
		i++;
	if (i == b->count)
		return;
	wire_puts(&s->wire, "* OK [UNSEEN ");
	wire_number(&s->wire, i + 1);
	wire_line(&s->wire, "] First unseen");
}

/* RFC 9051 section 6.3.2: the name as LIST has it, with the one the client said
 * where that is another. */
static void
put_selected(struct session *s, struct cursor said_at)
{
	stralloc said = STRALLOC_ZERO;
	stralloc name = STRALLOC_ZERO;
	char separator[] = { s->separator, 0 };
	wire_puts(&s->wire, "* LIST () \"");
	wire_puts(&s->wire, separator);
	wire_puts(&s->wire, "\" ");
	put_folder(s, s->box.folder);
	if (session_name(s, s->box.folder, &name) &&
	    cursor_astring(&said_at, &said) &&
	    (name.len != said.len || memcmp(name.s, said.s, name.len) != 0)) {
		wire_puts(&s->wire, " (\"OLDNAME\" (");
		wire_astring(&s->wire, said.s, said.len);
		wire_puts(&s->wire, "))");
	}
	wire_line(&s->wire, "");
	stralloc_free(&said);
	stralloc_free(&name);
}

static void
put_uids(struct session *s)
{
	wire_puts(&s->wire, "* OK [UIDVALIDITY ");
	wire_number(&s->wire, s->box.uids.validity);
	wire_puts(&s->wire, "] UIDs are valid\r\n* OK [UIDNEXT ");
	wire_number(&s->wire, s->box.uids.next);
	wire_line(&s->wire, "] Next UID");
	s->told_modseq = s->box.highest_modseq;
	put_highest_modseq(s);
}

static void
put_mailbox_id(struct session *s)
{
	char id[OBJECT_ID_SIZE];
	mailbox_id(&s->box, id);
	wire_puts(&s->wire, "* OK [MAILBOXID (");
	wire_puts(&s->wire, id);
	wire_line(&s->wire, ")] Stays when it is renamed");
}

/* --- QRESYNC -------------------------------------------------------------- */

struct matched {
	struct mailbox const *box;
	uint32_t uid; /* the last that still has the number it had */
};

static bool
match(void *arg, uint32_t number, uint32_t uid)
{
	struct matched *m = arg;
	if (number > m->box->count || m->box->messages[number - 1].uid != uid)
		return false;
	m->uid = uid;
	return true;
}

/* Section 3.2.5.2: the client knows of all that was expunged up to the last
 * pair that is still right. */
static int
vanished(struct session *s, struct select_parameters const *p,
    struct sequence *uids)
{
	struct matched m = { &s->box, 0 };
	struct sequence const *known =
	    sequence_count(&p->known) ? &p->known : NULL;
	select_pairs(p, match, &m);
	if (!mailbox_vanished(&s->box, p->modseq, known, uids))
		return 0;
	sequence_drop(uids, m.uid);
	return 1;
}

static void
put_changes(struct session *s, struct select_parameters const *p)
{
	bool all = !sequence_count(&p->known);
	for (uint32_t i = 0; i < s->box.count; i++) {
		struct message *m = &s->box.messages[i];
		if (m->modseq > p->modseq &&
		    (all || sequence_has(&p->known, m->uid)))
			put_change(s, m, true);
	}
}

/* Another UIDVALIDITY says all there is to say. */
static answer
resynchronize(struct session *s, struct select_parameters const *p)
{
	struct sequence uids = SEQUENCE_ZERO;
	if (p->validity != s->box.uids.validity)
		return NULL;
	int ok = vanished(s, p, &uids);
	if (ok) {
		put_vanished(s, "(EARLIER) ", &uids);
		put_changes(s, p);
	}
	stralloc_free(&uids.ranges);
	return ok ? NULL : ANSWER_NO_MEMORY;
}

/* --- opening -------------------------------------------------------------- */

/* RFC 7162 section 3.2.11: told to everybody. */
static void
close_previous(struct session *s)
{
	if (session_selected(s) || s->lost)
		wire_line(&s->wire, "* OK [CLOSED] Previous mailbox is closed");
	session_deselect(s);
}

static answer
open_mailbox(struct session *s, char const *folder, bool writable)
{
	if (!mailbox_open(&s->box, s->root, folder, writable))
		return session_failed(s, "unable to open", folder);
	if (mailbox_sync(&s->box))
		return NULL;
	answer failed = session_failed(s, "unable to read", folder);
	session_deselect(s);
	return failed;
}

static answer
select_mailbox(struct session *s, char const *folder, bool writable,
    struct select_parameters const *p)
{
	close_previous(s);
	if (!folder)
		return ANSWER_NO_MAILBOX;
	answer failed = open_mailbox(s, folder, writable);
	if (failed)
		return failed;
	put_mailbox_flags(s);
	put_exists(s);
	if (!(s->enabled & (ENABLED_UIDONLY | ENABLED_REV2)))
		put_unseen(s);
	put_mailbox_id(s);
	put_uids(s);
	if (p->condstore || p->qresync)
		s->enabled |= ENABLED_CONDSTORE;
	if (p->qresync && (failed = resynchronize(s, p))) {
		session_deselect(s);
		return failed;
	}
	return writable ? "OK [READ-WRITE] SELECT completed"
	                : "OK [READ-ONLY] EXAMINE completed";
}

static answer
check(struct session const *s, struct select_parameters const *p)
{
	if (p->qresync && !(s->enabled & ENABLED_QRESYNC))
		return "BAD QRESYNC is not enabled";
	if (sequence_count(&p->numbers) && s->enabled & ENABLED_UIDONLY)
		return ANSWER_UID_REQUIRED;
	return NULL;
}

static answer
run(struct session *s, struct cursor *c, bool writable)
{
	char folder[NAME_MAX_DISK + 1];
	struct select_parameters p = { .condstore = false };
	struct cursor name = *c;
	answer text = ANSWER_BAD_ARGUMENTS;
	int r = session_folder(s, c, folder);
	if (r && select_parse(c, &p)) {
		text = check(s, &p);
		if (!text)
			text = select_mailbox(s, r < 0 ? NULL : folder,
			    writable, &p);
		if (text[0] == 'O' && s->enabled & ENABLED_REV2)
			put_selected(s, name);
	}
	select_free(&p);
	return text;
}

answer
cmd_select(struct session *s, struct cursor *c)
{
	return run(s, c, true);
}

answer
cmd_examine(struct session *s, struct cursor *c)
{
	return run(s, c, false);
}
