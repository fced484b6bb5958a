/* SPDX-License-Identifier: ISC */
/* A transaction under way: what transaction.c and its parts share. */
#ifndef BESACE_RELAY_TRANSACTION_RUN_H
#define BESACE_RELAY_TRANSACTION_RUN_H

#include "mail-data.h"
#include "transaction.h"

struct run {
	struct session *s;
	struct transaction const *t;
	struct answer *answer;
	struct mail_facts facts;
	bool skip[TRANSACTION_RECIPIENTS]; /* not for this server */
	unsigned int accepted;
	bool mail_failed;
	unsigned int data_code; /* of the reply to DATA; 0: none */

	/* of the message, as it is read */
	uint64_t at;
	struct mail_data data;

	/* of its chunks */
	size_t chunk_len;     /* octets that are read, and not sent */
	bool last_chunk;      /* the last one is being sent */
	bool chunk_refused;   /* one was: it gets no more of them */
	unsigned int unheard; /* chunks sent that have no reply yet */
};

/* --- transaction.c ---------------------------------------------------------- */

/* Gives it to all that have no answer yet. */
void run_answer(struct run *run, struct answer const *a);

/* The last reply is the one about the message. */
void run_answer_by_reply(struct run *run);

/* The end of the message is sent: who ends now would leave in doubt whether the
 * server has it. */
void run_commit(struct run *run);

/* The message begins: it may not take longer than smtp_min_data_rate has it. */
void run_limit_message(struct run *run);

/* Hears what comes of the message, whose end has been put. What is said by the
 * code of a reply without end holds. False when the session is over. */
bool run_hear_end(struct run *run);

/* Where the server has said more than it was asked, replies would be taken for
 * those of other commands: false, and the session is over. */
bool run_is_silent(struct run *run, char const *stage);

/* --- transaction-envelope.c ------------------------------------------------- */

/* Whether the server may get the message once it is converted to seven bits, and
 * not as it is. */
bool envelope_needs_seven_bit(struct run const *run);

/* Answers all recipients, or those, whom this server cannot take. False when
 * nobody is left. */
bool envelope_check(struct run *run);

bool envelope_say_mail(struct run *run);

bool envelope_say_rcpt(struct run *run, unsigned int i);

/* --- transaction-message.c -------------------------------------------------- */

enum { MESSAGE_PIECE = 16384, MESSAGE_ROOM = MAIL_DATA_ROOM(MESSAGE_PIECE) };

/* Reads it once, for its facts. 1, or 0. */
int message_look(struct run *run);

/* The next piece as it goes out; 0 at the end; -1 it cannot be read. */
ssize_t message_read(struct run *run, char out[MESSAGE_ROOM]);

/* The message cannot be read to its end: the server must not have an end of it
 * either, and the session is over. */
void message_abandon(struct run *run);

/* Puts octets of it. False when the session is over. */
bool message_put(struct run *run, char const *out, size_t len);

/* DATA was replied to: the message, and what comes of it. */
void message_send_data(struct run *run);

/* --- transaction-chunks.c --------------------------------------------------- */

/* Whether the message, in one chunk, may go behind the last RCPT, before it is
 * known whether anybody was accepted. */
bool chunks_fit_in_one(struct run *run);

/* Puts that chunk. False when the session is over. */
bool chunks_say_one(struct run *run);

/* Its reply. False when the session is over. */
bool chunks_hear_one(struct run *run);

/* The message in chunks, and what comes of it. */
void chunks_send(struct run *run);

#endif
