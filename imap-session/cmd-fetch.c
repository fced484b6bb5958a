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

static void
put_message(struct fetch_work *w)
{
	struct message *m = w->reader.m;
	wire_puts(w->wire, "* ");
	wire_number(w->wire, w->number);
	wire_puts(w->wire, " FETCH (");
	w->space = "";
	for (unsigned i = 0; i < w->fetch->count && !w->wire->failed; i++) {
		struct fetch_item const *item = &w->fetch->items[i];
		item->kind->put(w, item);
	}
	if (!w->wire->failed && m->changed) {
		fetch_put(w, "");
		put_flags(w->reader.s, m);
		m->changed = false;
	}
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
	w->number = number;
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

/* sequence-set SP fetch-atts */
static bool
arguments(struct session *s, struct cursor *c, struct fetch *f,
    struct sequence *numbers)
{
	struct sequence named = SEQUENCE_ZERO;
	bool ok = cursor_sequence(c, &named) && cursor_space(c) &&
	    fetch_parse(c, f) && cursor_end(c) &&
	    (!s->uid || fetch_imply(f, "UID")) &&
	    session_messages(s, &named, numbers);
	stralloc_free(&named.ranges);
	return ok;
}

answer
cmd_fetch(struct session *s, struct cursor *c)
{
	struct sequence numbers = SEQUENCE_ZERO;
	struct fetch *f = calloc(1, sizeof *f);
	answer text = ANSWER_BAD_ARGUMENTS;
	if (!f)
		return ANSWER_NO_MEMORY;
	if (arguments(s, c, f, &numbers))
		text = run(s, f, &numbers);
	fetch_free(f);
	free(f);
	stralloc_free(&numbers.ranges);
	return text;
}
