/* SPDX-License-Identifier: ISC */
/* STORE. */
#include "session.h"

#include <errno.h>

enum mode { REPLACE, ADD, REMOVE };

struct store {
	enum mode mode;
	bool silent;
	struct flag_list flags;
	struct sequence named, numbers;
};

/* store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP
 * (flag-list / (flag *(SP flag))) */
static bool
arguments(struct cursor *c, struct store *p)
{
	if (!cursor_sequence(c, &p->named) || !cursor_space(c))
		return false;
	p->mode = cursor_char(c, '+') ? ADD
	    : cursor_char(c, '-')     ? REMOVE
	                              : REPLACE;
	p->silent = cursor_word(c, "FLAGS.SILENT");
	if (!p->silent && !cursor_word(c, "FLAGS"))
		return false;
	return cursor_space(c) && cursor_flags(c, true, &p->flags) &&
	    cursor_end(c);
}

static uint32_t
changed_flags(enum mode mode, uint32_t old, uint32_t bits)
{
	return mode == ADD ? old | bits : mode == REMOVE ? old & ~bits : bits;
}

/* With SILENT, a flag that somebody else changed is still told. */
static bool
store_message(struct session *s, struct store const *p, uint32_t number,
    uint32_t bits, bool *gone)
{
	struct message *m = &s->box.messages[number - 1];
	uint32_t uid = m->uid;
	if (m->gone) {
		*gone = true;
		return true;
	}
	if (!mailbox_set_flags(&s->box, m,
	        changed_flags(p->mode, m->flags, bits))) {
		*gone = *gone || errno == ENOENT;
		return errno == ENOENT;
	}
	m = mailbox_find(&s->box, uid);
	if (m && !p->silent)
		m->changed = true;
	lock_touch(&s->box.lock);
	return true;
}

static answer
run(struct session *s, struct store const *p)
{
	struct range const *r = sequence_ranges(&p->numbers);
	uint32_t bits;
	bool gone = false;
	if (!flag_list_bits(&p->flags, &s->box, &bits)) {
		if (errno == EDQUOT)
			return "NO [LIMIT] No room for another keyword";
		return errno == EINVAL
		    ? ANSWER_BAD_ARGUMENTS
		    : session_failed(s, "unable to write", KEYWORDS_FILE);
	}
	for (uint32_t i = 0; i < sequence_count(&p->numbers); i++)
		for (uint32_t n = r[i].first; n <= r[i].last; n++)
			if (!store_message(s, p, n, bits, &gone))
				return session_failed(s, "unable to flag in",
				    s->box.folder);
	return gone && !s->uid ? ANSWER_GONE : "OK STORE completed";
}

static answer
lock_and_run(struct session *s, struct store *p)
{
	answer text;
	if (!s->box.writable)
		return "NO [CANNOT] The mailbox is open read-only";
	if (!session_messages(s, &p->named, &p->numbers))
		return ANSWER_BAD_ARGUMENTS;
	if (!sequence_count(&p->numbers))
		return "OK STORE completed";
	if (!mailbox_lock(&s->box))
		return session_failed(s, "unable to lock", s->box.folder);
	if (mailbox_sync(&s->box))
		text = run(s, p);
	else
		text = session_failed(s, "unable to read", s->box.folder);
	mailbox_note_changes(&s->box);
	mailbox_unlock(&s->box);
	return text;
}

answer
cmd_store(struct session *s, struct cursor *c)
{
	struct store p = { .silent = false };
	answer text =
	    arguments(c, &p) ? lock_and_run(s, &p) : ANSWER_BAD_ARGUMENTS;
	stralloc_free(&p.flags.keywords);
	stralloc_free(&p.named.ranges);
	stralloc_free(&p.numbers.ranges);
	return text;
}
