/* SPDX-License-Identifier: ISC */
/* The message in chunks, RFC 3030: each goes out with its size ahead, and has a
 * reply. */
#include "transaction-run.h"

#include <stdio.h>
#include <string.h>

enum {
	CHUNK_MAX = 262144, /* octets on the wire */
	UNHEARD_MAX = 8     /* chunks sent ahead of their replies */
};

static char chunk[CHUNK_MAX + MAIL_DATA_END]; /* run->chunk_len of it */

/* --- chunks ----------------------------------------------------------------- */

/* Reads as much as fits. 1, or 0: it cannot be read. */
static int
fill(struct run *run)
{
	ssize_t n = 1;
	while (n > 0 && run->chunk_len + MESSAGE_ROOM <= CHUNK_MAX) {
		n = message_read(run, chunk + run->chunk_len);
		if (n > 0)
			run->chunk_len += (size_t)n;
	}
	run->last_chunk = n >= 0 && run->at == run->t->size;
	if (run->last_chunk)
		run->chunk_len +=
		    mail_data_end(&run->data, chunk + run->chunk_len);
	return n >= 0;
}

/* How much of it to send: whole lines, where there are any. */
static size_t
chunk_size(struct run const *run)
{
	char const *lf = memrchr(chunk, '\n', run->chunk_len);
	return run->last_chunk || !lf ? run->chunk_len
	                              : (size_t)(lf + 1 - chunk);
}

static size_t
write_command(struct run const *run, char out[40], size_t size)
{
	return (size_t)snprintf(out, 40, "BDAT %zu%s\r\n", size,
	    run->last_chunk ? " LAST" : "");
}

static bool
say_chunk(struct run *run)
{
	char command[40];
	size_t size = chunk_size(run);
	if (run->last_chunk)
		run_commit(run);
	if (!message_put(run, command, write_command(run, command, size)))
		return false;
	for (size_t at = 0; at < size; at += MESSAGE_PIECE)
		if (!message_put(run, chunk + at,
		        size - at < MESSAGE_PIECE ? size - at : MESSAGE_PIECE))
			return false;
	run->chunk_len -= size;
	memmove(chunk, chunk + size, run->chunk_len);
	run->unheard++;
	return true;
}

/* --- replies ---------------------------------------------------------------- */

/* It knows no BDAT, and may have taken the octets behind it for commands: not
 * one more of them. Over another connection it gets the message by DATA. */
static bool
fall_back(struct run *run)
{
	struct session *s = run->s;
	answer_set(&s->failure, VERDICT_DEFERRED, "4.5.0",
	    "%s offers CHUNKING and refuses BDAT (%u)", s->where,
	    s->reply.code);
	snprintf(s->no_chunks, sizeof s->no_chunks, "%s", s->where);
	s->again = true;
	session_drop(s);
	return false;
}

/* What was said about a chunk, the LAST or one before. False when the session
 * is over. */
static bool
take_reply(struct run *run, bool last)
{
	struct session *s = run->s;
	unsigned int code = s->reply.code;
	bool command = code >= 500 && code <= 504; /* not the message */
	if (code / 100 == 3) {
		session_protest(s, "a wrong reply", "BDAT");
		return false;
	}
	if (code / 100 == 2) {
		s->chunks_taken = true;
		if (last) {
			run_answer_by_reply(run);
			s->dirty = false;
		}
		return true;
	}
	if (command && !s->chunks_taken)
		return fall_back(run);
	run->chunk_refused = true;
	run_answer_by_reply(run);
	return true;
}

/* From the moment the last chunk may have left, only the server's answer tells
 * whether it has the message. */
static bool
hear_chunk(struct run *run)
{
	struct session *s = run->s;
	bool last = run->last_chunk && run->unheard == 1;
	bool ok = last
	    ? run_hear_end(run)
	    : session_hear(s, s->settings->smtp_data_xfer_timeout, "BDAT");
	run->unheard--;
	if (ok && run->chunk_refused) /* that was the answer */
		return true;
	ok = ok && take_reply(run, last);
	if (!ok && run->last_chunk && !s->again)
		run_answer(run, &s->failure);
	return ok;
}

/* Up to MOST replies may be outstanding. */
static bool
hear_chunks(struct run *run, unsigned int most)
{
	while (run->unheard &&
	    (run->unheard > most || run->chunk_refused ||
	        conn_has_more(&run->s->conn)))
		if (!hear_chunk(run))
			return false;
	return true;
}

void
chunks_send(struct run *run)
{
	unsigned int most = run->s->can.pipelining ? UNHEARD_MAX : 0;
	if (!run_is_silent(run, "BDAT"))
		return;
	run_limit_message(run);
	do {
		if (!fill(run)) {
			message_abandon(run);
			return;
		}
		if (!say_chunk(run) ||
		    !hear_chunks(run, run->last_chunk ? 0 : most))
			return;
	} while (!run->last_chunk && !run->chunk_refused);
}

/* --- in one flight with the envelope ---------------------------------------- */

/* A server that does not know BDAT would take the message for commands, so it
 * is one that has shown that it does. */
bool
chunks_fit_in_one(struct run *run)
{
	struct session const *s = run->s;
	return s->can.pipelining && s->chunks_taken &&
	    run->facts.size <= MESSAGE_PIECE - 2;
}

bool
chunks_say_one(struct run *run)
{
	char command[40];
	struct session *s = run->s;
	if (!fill(run)) {
		message_abandon(run);
		return false;
	}
	run_commit(run);
	if (!conn_put(&s->conn, command,
	        write_command(run, command, run->chunk_len)) ||
	    !conn_put(&s->conn, chunk, run->chunk_len)) {
		session_lose(s, "the message");
		return false;
	}
	run->chunk_len = 0;
	run->unheard = 1;
	return true;
}

bool
chunks_hear_one(struct run *run)
{
	return hear_chunk(run);
}
