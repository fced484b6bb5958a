/* SPDX-License-Identifier: ISC */
/* What the client is told of the selected mailbox. */
#include "session.h"

#include <errno.h>
#include "log.h"

/* --- messages ------------------------------------------------------------- */

void
put_fetch(struct session *s, struct message const *m)
{
	bool by_uid = s->enabled & ENABLED_UIDONLY;
	wire_puts(&s->wire, "* ");
	wire_number(&s->wire,
	    by_uid ? m->uid : (uint32_t)(m - s->box.messages) + 1);
	wire_puts(&s->wire, by_uid ? " UIDFETCH (" : " FETCH (");
}

void
put_modseq(struct session *s, struct message const *m)
{
	wire_puts(&s->wire, "MODSEQ (");
	wire_number(&s->wire, m->modseq);
	wire_puts(&s->wire, ")");
}

/* RFC 7162 section 3.2.4: with the UID, once the client knows of
 * mod-sequences; RFC 9051 wants it always. */
void
put_change(struct session *s, struct message *m, bool flags)
{
	bool modseq = s->enabled & ENABLED_CONDSTORE;
	bool uid = s->uid || modseq || s->enabled & ENABLED_REV2;
	char const *space = "";
	put_fetch(s, m);
	if (uid && !(s->enabled & ENABLED_UIDONLY)) {
		wire_puts(&s->wire, "UID ");
		wire_number(&s->wire, m->uid);
		space = " ";
	}
	if (flags) {
		wire_puts(&s->wire, space);
		put_flags(s, m);
		space = " ";
	}
	if (modseq) {
		wire_puts(&s->wire, space);
		put_modseq(s, m);
	}
	wire_line(&s->wire, ")");
	m->changed = m->stored = false;
}

void
put_vanished(struct session *s, char const *earlier,
    struct sequence const *uids)
{
	stralloc text = STRALLOC_ZERO;
	if (!sequence_count(uids))
		return;
	if (sequence_format(uids, &text)) {
		wire_puts(&s->wire, "* VANISHED ");
		wire_puts(&s->wire, earlier);
		wire_put(&s->wire, text.s, text.len);
		wire_line(&s->wire, "");
	} else {
		session_bye(s, "Out of memory");
	}
	stralloc_free(&text);
}

/* --- mod-sequences -------------------------------------------------------- */

void
put_highest_modseq(struct session *s)
{
	wire_puts(&s->wire, "* OK [HIGHESTMODSEQ ");
	wire_number(&s->wire, s->told_modseq);
	wire_line(&s->wire, "] Highest mod-sequence");
}

void
session_enable(struct session *s, unsigned what)
{
	bool first = !(s->enabled & ENABLED_CONDSTORE);
	if (what & ENABLED_QRESYNC)
		what |= ENABLED_CONDSTORE;
	s->enabled |= what;
	if (first && what & ENABLED_CONDSTORE && session_selected(s))
		put_highest_modseq(s);
	if (what & ENABLED_UIDONLY)
		contexts_end_numbers(s);
}

answer
answer_with_modseq(struct session *s, char const *text)
{
	if (!(s->enabled & ENABLED_QRESYNC))
		return text;
	answer_start(s, "OK [HIGHESTMODSEQ ");
	answer_number(s, s->box.highest_modseq);
	answer_add(s, "] ");
	return answer_done(s, text + 3);
}

/* --- reports -------------------------------------------------------------- */

static void
report_expunged_numbers(struct session *s)
{
	/* From the end, so that no number changes on the way. */
	for (uint32_t i = s->box.told; i-- > 0;) {
		if (!s->box.messages[i].gone)
			continue;
		wire_puts(&s->wire, "* ");
		wire_number(&s->wire, i + 1);
		wire_line(&s->wire, " EXPUNGE");
	}
}

static void
report_vanished(struct session *s)
{
	struct sequence uids = SEQUENCE_ZERO;
	for (uint32_t i = 0; i < s->box.told; i++)
		if (s->box.messages[i].gone &&
		    !sequence_add(&uids, s->box.messages[i].uid))
			session_bye(s, "Out of memory");
	put_vanished(s, "", &uids);
	stralloc_free(&uids.ranges);
}

/* A message that came and went unnoticed is not told. */
static void
report_expunged(struct session *s)
{
	contexts_expunged(s);
	if (s->enabled & (ENABLED_QRESYNC | ENABLED_UIDONLY))
		report_vanished(s);
	else
		report_expunged_numbers(s);
	mailbox_forget(&s->box);
}

/* IMAP4rev2 knows of no RECENT. */
void
put_exists(struct session *s)
{
	struct mailbox *b = &s->box;
	uint32_t recent = 0;
	for (uint32_t i = 0; i < b->count; i++)
		recent += b->messages[i].recent;
	wire_puts(&s->wire, "* ");
	wire_number(&s->wire, b->count);
	wire_line(&s->wire, " EXISTS");
	b->told = b->count;
	if (s->enabled & ENABLED_REV2)
		return;
	wire_puts(&s->wire, "* ");
	wire_number(&s->wire, recent);
	wire_line(&s->wire, " RECENT");
}

static void
report_new(struct session *s)
{
	if (s->box.count != s->box.told)
		put_exists(s);
}

static void
report_flags(struct session *s)
{
	for (uint32_t i = 0; i < s->box.told; i++) {
		struct message *m = &s->box.messages[i];
		if ((m->changed || m->stored) && !m->gone)
			put_change(s, m, m->changed);
	}
}

/* An EXPUNGE or a change of flags that has to wait keeps the client from going
 * on to a later mod-sequence (RFC 7162 section 6). */
static void
report_modseq(struct session *s, bool held)
{
	if (!held)
		s->told_modseq = s->box.highest_modseq;
	if (s->enabled & ENABLED_CONDSTORE && (held || s->held))
		put_highest_modseq(s);
	s->held = held;
}

/* What there is to tell, found in one pass: there is one after each command. */
enum news {
	NEWS_GONE = 1,
	NEWS_GONE_KNOWN = 2, /* ... that the client knows of */
	NEWS_FLAGS = 4,
	NEWS_UNJUDGED = 8 /* by the searches that are kept up to date */
};

/* Mostly there is none: without a branch for each message. */
static bool
has_news(struct mailbox const *b, bool unjudged)
{
	bool some = false;
	for (uint32_t i = 0; i < b->count; i++) {
		struct message const *m = &b->messages[i];
		some |=
		    m->gone | m->changed | m->stored | (unjudged & !m->judged);
	}
	return some;
}

/* UNJUDGED: those are looked for, too. */
static unsigned
find_news(struct mailbox const *b, bool unjudged)
{
	unsigned news = 0;
	if (!has_news(b, unjudged))
		return 0;
	for (uint32_t i = 0; i < b->count; i++) {
		struct message const *m = &b->messages[i];
		if (m->gone)
			news |= i < b->told ? NEWS_GONE | NEWS_GONE_KNOWN
			                    : NEWS_GONE;
		else if (m->changed || m->stored)
			news |= NEWS_FLAGS;
		if (!m->judged)
			news |= NEWS_UNJUDGED;
	}
	return news;
}

void
session_report(struct session *s, bool expunge)
{
	unsigned news = find_news(&s->box, s->contexts);
	if (expunge && news & NEWS_GONE)
		report_expunged(s);
	if (s->box.keywords_changed)
		put_mailbox_flags(s);
	uint32_t before = s->box.told;
	report_new(s);
	if (news & NEWS_FLAGS && !s->quiet_flags)
		report_flags(s);
	report_modseq(s,
	    (!expunge && news & NEWS_GONE_KNOWN) ||
	        (s->quiet_flags && news & NEWS_FLAGS));
	if (s->notify && s->box.told > before)
		session_notify_new(s, before + 1);
	if (s->contexts && news & NEWS_UNJUDGED)
		contexts_update(s, before + 1);
}

/* RFC 2180 section 3 leaves it to the server. Nothing is said of the messages:
 * a client that keeps copies would throw them away. */
static void
lose_mailbox(struct session *s)
{
	session_lose(s);
	wire_line(&s->wire,
	    "* NO [NONEXISTENT] The mailbox was deleted or made anew");
}

void
session_update(struct session *s, bool expunge)
{
	if (!session_selected(s))
		return;
	if (!mailbox_sync(&s->box)) {
		int why = errno;
		if (why == ESTALE) {
			lose_mailbox(s);
			return;
		}
		log_error("unable to read",
		    *s->box.folder ? s->box.folder : "INBOX", why);
	}
	session_report(s, expunge);
}
