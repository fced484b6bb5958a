/* SPDX-License-Identifier: ISC */
/* The message: read from its file, and sent behind DATA. */
#include "transaction-run.h"

#include <errno.h>
#include <unistd.h>

enum { LAST_WORDS = 1 }; /* second, for what was said before a hang-up */

static ssize_t
read_piece(struct run const *run, char piece[MESSAGE_PIECE])
{
	uint64_t left = run->t->size - run->at;
	ssize_t n;
	do
		n = pread(run->t->fd, piece,
		    left < MESSAGE_PIECE ? left : MESSAGE_PIECE,
		    (off_t)(run->t->start + run->at));
	while (n < 0 && errno == EINTR);
	return n;
}

int
message_look(struct run *run)
{
	static char piece[MESSAGE_PIECE];
	run->facts = (struct mail_facts)MAIL_FACTS_ZERO;
	for (run->at = 0; run->at < run->t->size;) {
		ssize_t n = read_piece(run, piece);
		if (n <= 0)
			return 0;
		mail_facts_add(&run->facts, piece, (size_t)n);
		run->at += (uint64_t)n;
	}
	run->at = 0;
	return 1;
}

ssize_t
message_read(struct run *run, char out[MESSAGE_ROOM])
{
	static char piece[MESSAGE_PIECE];
	if (run->at == run->t->size)
		return 0;
	ssize_t n = read_piece(run, piece);
	if (n <= 0)
		return -1;
	run->at += (uint64_t)n;
	return (ssize_t)mail_data_add(&run->data, piece, (size_t)n, out);
}

void
message_abandon(struct run *run)
{
	answer_set(&run->s->failure, VERDICT_DEFERRED, "4.3.0",
	    "the message cannot be read");
	run_answer(run, &run->s->failure);
	session_drop(run->s);
}

/* It speaks before it has the end: a refusal is one of the message, which it
 * then does not get; anything else, but for replies that it owes, is out of
 * turn. */
static void
hear_early(struct run *run, uint64_t timeout)
{
	struct session *s = run->s;
	s->conn.pending.len = 0;
	do
		if (!session_hear(s, timeout, "the message"))
			return;
	while (s->reply.code / 100 == 2 && run->unheard && run->unheard--);
	if (s->reply.code < 400) {
		session_protest(s, "a wrong reply", "the message");
		return;
	}
	run_answer_by_reply(run);
	reply_answer(&s->reply, VERDICT_DEFERRED, &s->failure);
	session_drop(s);
}

/* It may take no more: a server that refuses a message often hangs up on the
 * rest of it, and what it said before that is here. */
bool
message_put(struct run *run, char const *out, size_t len)
{
	session_wait(run->s, run->s->settings->smtp_data_xfer_timeout);
	if (conn_put(&run->s->conn, out, len))
		return true;
	hear_early(run, LAST_WORDS);
	return false;
}

/* False when the session is over; what was taken may then go elsewhere. */
static bool
send_body(struct run *run)
{
	static char out[MESSAGE_ROOM];
	struct session *s = run->s;
	ssize_t n;
	while ((n = message_read(run, out)) > 0) {
		if (conn_has_more(&s->conn)) {
			hear_early(run, s->settings->smtp_data_done_timeout);
			return false;
		}
		if (!message_put(run, out, (size_t)n))
			return false;
	}
	if (n < 0)
		message_abandon(run);
	return n == 0;
}

/* From the moment the final dot may have left, only the server's answer tells
 * whether it has the message. */
static void
end_body(struct run *run)
{
	char end[MAIL_DATA_END];
	struct session *s = run->s;
	size_t len = mail_data_end(&run->data, end);
	run_commit(run);
	if (!message_put(run, end, len))
		;
	else if (!conn_flush(&s->conn))
		hear_early(run, LAST_WORDS);
	else if (run_hear_end(run)) {
		run_answer_by_reply(run);
		s->dirty = false;
		return;
	}
	run_answer(run, &s->failure);
}

void
message_send_data(struct run *run)
{
	struct session *s = run->s;
	if (!run->data_code)
		return;
	if (run->data_code / 100 < 4 && run->data_code != 354)
		session_protest(s, "a wrong reply", "DATA");
	else if (run->data_code != 354)
		run_answer_by_reply(run);
	else if (run_is_silent(run, "DATA")) {
		run_limit_message(run);
		if (!run->accepted || run->mail_failed || send_body(run))
			end_body(run);
	}
}
