/* SPDX-License-Identifier: ISC */
/* FETCH. Whatever can fail for a message is done before the first octet of its
 * answer is sent. */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include "fetch.h"

/* RFC 3516 */
static char const unknown_encoding[] =
    "NO [UNKNOWN-CTE] The transfer encoding of a part is not known";

/* Flags that have changed and were not asked for. */
static void
put_changed(struct fetch_work *w)
{
	struct session *s = w->reader.s;
	bool modseq = s->enabled & ENABLED_CONDSTORE;
	if (modseq && !(s->enabled & ENABLED_UIDONLY) &&
	    !fetch_asks_for(w->fetch, "UID"))
		put_item_uid(w, NULL);
	put_item_flags(w, NULL);
	if (modseq && !fetch_asks_for(w->fetch, "MODSEQ"))
		put_item_modseq(w, NULL);
}

static void
put_message(struct fetch_work *w)
{
	put_fetch(w->reader.s, w->reader.m);
	w->space = "";
	for (unsigned i = 0; i < w->fetch->count && !w->wire->failed; i++) {
		struct fetch_item const *item = &w->fetch->items[i];
		item->kind->put(w, item);
	}
	if (!w->wire->failed && w->reader.m->changed)
		put_changed(w);
	wire_line(w->wire, ")");
}

static int
find_items(struct fetch_work *w)
{
	w->text.len = 0;
	for (unsigned i = 0; i < w->fetch->count; i++) {
		struct fetch_item *item = &w->fetch->items[i];
		if (item->kind->find && !item->kind->find(w, item))
			return 0;
	}
	return w->reader.m != NULL;
}

/* False: the message was gone or could not be read. */
static bool
fetch_message(struct fetch_work *w, struct session *s, uint32_t number)
{
	reader_start(&w->reader, s, &s->box.messages[number - 1]);
	bool ok = find_items(w);
	if (ok)
		put_message(w);
	reader_end(&w->reader);
	return ok;
}

/* Reading a body marks the message, for all of them at once: a rename wants the
 * lock, and no lock is held while a slow client reads. */
static void
mark_seen(struct session *s, struct sequence const *numbers)
{
	struct mailbox *b = &s->box;
	struct range const *r = sequence_ranges(numbers);
	bool any = false;
	for (uint32_t i = 0; i < sequence_count(numbers) && !any; i++)
		for (uint32_t n = r[i].first; n <= r[i].last; n++)
			any = any || !(b->messages[n - 1].flags & FLAG_SEEN);
	if (!any || !b->writable || !mailbox_lock(b))
		return;
	if (mailbox_sync(b)) {
		for (uint32_t i = 0; i < sequence_count(numbers); i++)
			for (uint32_t n = r[i].first; n <= r[i].last; n++) {
				struct message *m = &b->messages[n - 1];
				if (m->gone || m->flags & FLAG_SEEN)
					continue;
				if (mailbox_set_flags(b, m,
				        m->flags | FLAG_SEEN))
					b->messages[n - 1].changed = true;
				lock_touch(&b->lock);
			}
		mailbox_note_changes(b);
	}
	mailbox_unlock(b);
}

static bool
sets_seen(struct fetch const *f)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->items[i].kind->seen)
			return true;
	return false;
}

static answer
run(struct session *s, struct fetch *f, struct sequence const *numbers)
{
	struct fetch_work w = { .wire = &s->wire, .fetch = f };
	struct range const *r = sequence_ranges(numbers);
	answer text = "OK FETCH completed";
	if (sets_seen(f))
		mark_seen(s, numbers);
	/* The look may have found keywords that no FLAGS has told yet. */
	if (s->box.keywords_changed)
		put_mailbox_flags(s);
	for (uint32_t i = 0; i < sequence_count(numbers); i++)
		for (uint32_t n = r[i].first; n <= r[i].last && !s->wire.failed;
		     n++)
			if (!fetch_message(&w, s, n))
				text = errno == ENOTSUP ? unknown_encoding
				                        : ANSWER_GONE;
	stralloc_free(&w.text);
	reader_free(&w.reader);
	return text;
}

void
fetch_range(struct session *s, struct fetch *f, uint32_t first, uint32_t last)
{
	struct sequence numbers = SEQUENCE_ZERO;
	bool ok = true;
	for (uint32_t n = first; n <= last && ok; n++)
		ok = sequence_add(&numbers, n);
	if (ok)
		run(s, f, &numbers);
	stralloc_free(&numbers.ranges);
}

/* --- since when (RFC 7162) ------------------------------------------------ */

static int
keep_changed(struct session *s, struct fetch const *f, struct sequence *numbers)
{
	struct sequence changed = SEQUENCE_ZERO;
	struct range const *r = sequence_ranges(numbers);
	int ok = 1;
	for (uint32_t i = 0; i < sequence_count(numbers); i++)
		for (uint32_t n = r[i].first; n <= r[i].last && ok; n++)
			if (s->box.messages[n - 1].modseq > f->changed_since)
				ok = sequence_add(&changed, n);
	stralloc_free(&numbers->ranges);
	*numbers = changed;
	return ok;
}

/* For UIDs of messages that are no more, "*" is not the last that is. */
static int
tell_vanished(struct session *s, struct fetch const *f, struct sequence *known)
{
	struct sequence gone = SEQUENCE_ZERO;
	sequence_resolve(known, s->box.uids.next - 1);
	int ok = mailbox_vanished(&s->box, f->changed_since, known, &gone);
	if (ok)
		put_vanished(s, "(EARLIER) ", &gone);
	stralloc_free(&gone.ranges);
	return ok;
}

/* --- which page (RFC 9394) ------------------------------------------------ */

static uint32_t
messages_of(struct sequence const *numbers)
{
	struct range const *r = sequence_ranges(numbers);
	uint32_t n = 0;
	for (uint32_t i = 0; i < sequence_count(numbers); i++)
		n += r[i].last - r[i].first + 1;
	return n;
}

static int
keep_page(struct fetch const *f, struct sequence *numbers)
{
	struct sequence page = SEQUENCE_ZERO;
	struct range const *r = sequence_ranges(numbers);
	uint32_t from;
	uint32_t to;
	uint32_t place = 0;
	int ok = 1;
	partial_places(&f->page, messages_of(numbers), &from, &to);
	for (uint32_t i = 0; i < sequence_count(numbers) && ok; i++)
		for (uint32_t n = r[i].first; n <= r[i].last && ok; n++) {
			if (place >= from && place < to)
				ok = sequence_add(&page, n);
			place++;
		}
	stralloc_free(&numbers->ranges);
	*numbers = page;
	return ok;
}

/* --- the command ---------------------------------------------------------- */

/* RFC 7162 section 3.1 has MODSEQ in all answers once the client knows of it:
 * with the flags it is about. */
static bool
imply_items(struct session *s, struct fetch *f)
{
	bool modseq =
	    s->enabled & ENABLED_CONDSTORE && fetch_asks_for(f, "FLAGS");
	if ((f->changed || modseq) && !fetch_imply(f, "MODSEQ"))
		return false;
	return !s->uid || s->enabled & ENABLED_UIDONLY || fetch_imply(f, "UID");
}

static bool
modifiers_allowed(struct session const *s, struct fetch const *f)
{
	return !f->vanished ||
	    (f->changed && s->uid && s->enabled & ENABLED_QRESYNC);
}

/* sequence-set SP fetch-atts [SP fetch-modifiers] */
static bool
arguments(struct session *s, struct cursor *c, struct fetch *f,
    struct sequence *named)
{
	return cursor_sequence(c, named) && cursor_space(c) &&
	    fetch_parse(c, f) && fetch_parse_modifiers(c, f) && cursor_end(c) &&
	    modifiers_allowed(s, f) && imply_items(s, f);
}

static answer
fetch(struct session *s, struct fetch *f, struct sequence *named,
    struct sequence *numbers)
{
	struct sequence known = SEQUENCE_ZERO;
	if (f->vanished &&
	    !stralloc_copy(&known.ranges,
	        named->saved ? &s->saved.ranges : &named->ranges))
		return ANSWER_NO_MEMORY;
	answer text = ANSWER_BAD_ARGUMENTS;
	if (session_messages(s, named, numbers)) {
		if (fetch_asks_for(f, "MODSEQ"))
			session_enable(s, ENABLED_CONDSTORE);
		if ((f->vanished && !tell_vanished(s, f, &known)) ||
		    (f->changed && !keep_changed(s, f, numbers)) ||
		    (f->paged && !keep_page(f, numbers)))
			text = ANSWER_NO_MEMORY;
		else
			text = run(s, f, numbers);
	}
	stralloc_free(&known.ranges);
	return text;
}

answer
cmd_fetch(struct session *s, struct cursor *c)
{
	struct sequence named = SEQUENCE_ZERO;
	struct sequence numbers = SEQUENCE_ZERO;
	struct fetch *f = calloc(1, sizeof *f);
	answer text = ANSWER_BAD_ARGUMENTS;
	if (!f)
		return ANSWER_NO_MEMORY;
	if (arguments(s, c, f, &named))
		text = fetch(s, f, &named, &numbers);
	fetch_free(f);
	free(f);
	stralloc_free(&named.ranges);
	stralloc_free(&numbers.ranges);
	return text;
}
