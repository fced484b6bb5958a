/* SPDX-License-Identifier: ISC */
/* STORE (RFC 3501; RFC 7162 for changes on condition). */
#include "session.h"

#include <errno.h>
#include <stdlib.h>

enum mode { REPLACE, ADD, REMOVE };

/* A message as it was before the command looked at the mailbox. */
struct before {
	uint32_t flags;
	uint64_t modseq;
};

struct store {
	enum mode mode;
	bool silent;
	bool conditional;
	uint64_t unchanged_since;
	struct flag_list flags;
	struct sequence named, numbers;
	uint32_t bits;
	struct before *before;    /* of all messages; only if conditional */
	struct sequence modified; /* what failed the condition */
	struct sequence unfit;    /* whose names would become too long */
	bool gone;                /* some messages were */
};

/* store-modifiers = "(" "UNCHANGEDSINCE" SP mod-sequence-valzer ")" */
static bool
modifiers(struct cursor *c, struct store *p)
{
	p->conditional = true;
	return cursor_char(c, '(') && cursor_word(c, "UNCHANGEDSINCE") &&
	    cursor_space(c) && cursor_modseq(c, &p->unchanged_since) &&
	    cursor_char(c, ')');
}

/* store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP
 * (flag-list / (flag *(SP flag))) */
static bool
attributes(struct cursor *c, struct store *p)
{
	p->mode = cursor_char(c, '+') ? ADD
	    : cursor_char(c, '-')     ? REMOVE
	                              : REPLACE;
	p->silent = cursor_word(c, "FLAGS.SILENT");
	if (!p->silent && !cursor_word(c, "FLAGS"))
		return false;
	return cursor_space(c) && cursor_flags(c, true, &p->flags);
}

/* sequence-set SP [store-modifiers SP] store-att-flags. A client in use writes
 * the modifier at the end: better heeded than refused or passed over. */
static bool
arguments(struct cursor *c, struct store *p)
{
	if (!cursor_sequence(c, &p->named) || !cursor_space(c))
		return false;
	if (cursor_is(c, '(') && !(modifiers(c, p) && cursor_space(c)))
		return false;
	if (!attributes(c, p))
		return false;
	if (!p->conditional && cursor_space(c) && !modifiers(c, p))
		return false;
	return cursor_end(c);
}

/* --- on condition --------------------------------------------------------- */

static bool
note_before(struct session *s, struct store *p)
{
	struct mailbox const *b = &s->box;
	if (!p->conditional)
		return true;
	p->before = malloc((b->told + 1U) * sizeof *p->before);
	for (uint32_t i = 0; i < b->told && p->before; i++)
		p->before[i] = (struct before){ b->messages[i].flags,
			b->messages[i].modseq };
	return p->before;
}

/* Where only flags have changed that are not ours to add or remove, the client
 * loses nothing (RFC 7162 section 3.1.12). */
static bool
is_unchanged(struct store const *p, struct message const *m,
    struct before const *before)
{
	if (m->modseq <= p->unchanged_since)
		return true;
	return p->mode != REPLACE && before->modseq <= p->unchanged_since &&
	    !((before->flags ^ m->flags) & p->bits);
}

/* --- changing ------------------------------------------------------------- */

static uint32_t
changed_flags(enum mode mode, uint32_t old, uint32_t bits)
{
	return mode == ADD ? old | bits : mode == REMOVE ? old & ~bits : bits;
}

/* With SILENT, a flag that somebody else changed is still told. */
static bool
change(struct session *s, struct store *p, struct message *m, uint32_t number)
{
	uint32_t uid = m->uid;
	uint64_t modseq = m->modseq;
	if (!mailbox_set_flags(&s->box, m,
	        changed_flags(p->mode, m->flags, p->bits))) {
		if (errno == ENAMETOOLONG)
			return sequence_add(&p->unfit, s->uid ? uid : number);
		p->gone = p->gone || errno == ENOENT;
		return errno == ENOENT;
	}
	m = mailbox_find(&s->box, uid);
	if (!m)
		return true;
	m->changed = m->changed || !p->silent;
	m->stored = s->enabled & ENABLED_CONDSTORE &&
	    (p->conditional || m->modseq != modseq);
	return true;
}

static bool
store_message(struct session *s, struct store *p, uint32_t number)
{
	struct message *m = &s->box.messages[number - 1];
	lock_touch(&s->box.lock);
	if (m->gone) {
		p->gone = true;
		return true;
	}
	if (!p->conditional || is_unchanged(p, m, &p->before[number - 1]))
		return change(s, p, m, number);
	m->changed = true;
	return sequence_add(&p->modified, s->uid ? m->uid : number);
}

static answer
finished(struct session *s, struct store const *p)
{
	bool gone = p->gone && !s->uid;
	bool modified = sequence_count(&p->modified);
	bool unfit = sequence_count(&p->unfit);
	if (!modified && !unfit)
		return gone ? ANSWER_GONE : "OK STORE completed";
	answer_start(s, gone || unfit ? "NO" : "OK");
	answer_add(s, modified ? " [MODIFIED " : " [LIMIT");
	answer_set(s, &p->modified);
	if (!unfit)
		return answer_done(s,
		    gone ? "] Some messages are not there any more"
		         : "] Some messages have changed");
	answer_add(s, "] No room for the flags in the file names of ");
	answer_set(s, &p->unfit);
	return answer_done(s, "");
}

/* After a NO the client could not know which of them are as it wanted. */
static void
tell_all(struct session *s, struct store const *p)
{
	struct range const *r = sequence_ranges(&p->numbers);
	for (uint32_t i = 0; i < sequence_count(&p->numbers); i++)
		for (uint32_t n = r[i].first; n <= r[i].last; n++)
			s->box.messages[n - 1].changed = true;
}

static answer
store_all(struct session *s, struct store *p)
{
	struct range const *r = sequence_ranges(&p->numbers);
	for (uint32_t i = 0; i < sequence_count(&p->numbers); i++)
		for (uint32_t n = r[i].first; n <= r[i].last; n++)
			if (!store_message(s, p, n))
				return session_failed(s, "unable to flag in",
				    s->box.folder);
	return finished(s, p);
}

static answer
run(struct session *s, struct store *p)
{
	if (!flag_list_bits(&p->flags, &s->box, &p->bits)) {
		if (errno == EDQUOT)
			return "NO [LIMIT] No room for another keyword";
		return errno == EINVAL
		    ? ANSWER_BAD_ARGUMENTS
		    : session_failed(s, "unable to write", KEYWORDS_FILE);
	}
	answer text = store_all(s, p);
	if (!text || text[0] != 'O')
		tell_all(s, p);
	return text;
}

static answer
lock_and_run(struct session *s, struct store *p)
{
	answer text;
	if (!s->box.writable)
		return "NO [CANNOT] The mailbox is open read-only";
	if (!session_messages(s, &p->named, &p->numbers))
		return ANSWER_BAD_ARGUMENTS;
	if (p->conditional)
		session_enable(s, ENABLED_CONDSTORE);
	if (!sequence_count(&p->numbers))
		return "OK STORE completed";
	if (!note_before(s, p))
		return ANSWER_NO_MEMORY;
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
	free(p.before);
	stralloc_free(&p.flags.keywords);
	stralloc_free(&p.named.ranges);
	stralloc_free(&p.numbers.ranges);
	stralloc_free(&p.modified.ranges);
	stralloc_free(&p.unfit.ranges);
	return text;
}
