/* SPDX-License-Identifier: ISC */
/* COPY and MOVE (RFC 3501, RFC 4315, RFC 6851). */
#include "session.h"

#include <errno.h>
#include "transfer.h"

static char const try_create[] = "NO [TRYCREATE] No such mailbox";

static void
add_copyuid(struct session *s, struct copied const *t)
{
	answer_add(s, "[COPYUID ");
	answer_number(s, t->validity);
	answer_add(s, " ");
	answer_set(s, &t->from);
	answer_add(s, " ");
	answer_set(s, &t->to);
	answer_add(s, "] ");
}

static answer
finished(struct session *s, struct copied const *t, bool move)
{
	if (t->missing && !sequence_count(&t->to))
		return ANSWER_GONE;
	answer_start(s, "");
	if (sequence_count(&t->to))
		add_copyuid(s, t);
	if (!move) {
		stralloc code = s->answer;
		s->answer = (stralloc)STRALLOC_ZERO;
		answer_start(s, "OK ");
		if (!stralloc_cat(&s->answer, &code))
			session_bye(s, "Out of memory");
		stralloc_free(&code);
		return answer_done(s, "COPY completed");
	}
	/* RFC 6851 4.3: told before the EXPUNGEs. */
	if (s->answer.len) {
		wire_puts(&s->wire, "* OK ");
		wire_put(&s->wire, s->answer.s, s->answer.len);
		wire_line(&s->wire, "Moved");
	}
	return answer_with_modseq(s, "OK MOVE completed");
}

static int
transfer(struct session *s, struct copied *t, char const *to,
    struct sequence const *numbers, bool move, struct quota *q)
{
	struct training training;
	training_start(&training, s->root,
	    training_lesson(s->root, s->spam_folder, s->box.folder, to));
	int ok = transfer_messages(t, &s->box, to, numbers, move, q, &training);
	training_end(&training, s->user);
	return ok;
}

static answer
run(struct session *s, struct sequence *named, char const *to, bool move)
{
	struct sequence numbers = SEQUENCE_ZERO;
	struct copied t;
	struct quota q;
	answer text;
	if (!session_messages(s, named, &numbers)) {
		text = ANSWER_BAD_ARGUMENTS;
	} else if (!sequence_count(&numbers)) {
		text = move ? "OK MOVE completed" : "OK COPY completed";
	} else if (!session_quota_open(s, &q) && !move) {
		text = session_failed(s, "unable to count", "");
	} else {
		if (transfer(s, &t, to, &numbers, move, &q))
			text = finished(s, &t, move);
		else if (t.full)
			text = ANSWER_OVERQUOTA;
		else if (errno == ENOENT)
			text = try_create;
		else
			text = session_failed(s, "unable to copy to", to);
		transfer_free(&t);
		session_quota_close(s, &q);
	}
	stralloc_free(&numbers.ranges);
	return text;
}

static answer
copy(struct session *s, struct cursor *c, bool move)
{
	struct sequence named = SEQUENCE_ZERO;
	char to[NAME_MAX_DISK + 1];
	answer text = ANSWER_BAD_ARGUMENTS;
	int r = cursor_sequence(c, &named) && cursor_space(c)
	    ? session_folder(s, c, to)
	    : 0;
	if (r && cursor_end(c)) {
		if (r < 0)
			text = try_create;
		else if (move && !s->box.writable)
			text = "NO [CANNOT] The mailbox is open read-only";
		else
			text = run(s, &named, to, move);
	}
	stralloc_free(&named.ranges);
	return text;
}

answer
cmd_copy(struct session *s, struct cursor *c)
{
	return copy(s, c, false);
}

answer
cmd_move(struct session *s, struct cursor *c)
{
	return copy(s, c, true);
}
