/* SPDX-License-Identifier: ISC */
#include "transaction.h"

#include <string.h>

#include "smtp-time.h"
#include "transaction-run.h"

enum {
	PIPELINE_MAX = 100 /* commands without a reply: neither side's
	                    * buffers are full with them */
};

/* --- answers ---------------------------------------------------------------- */

void
run_answer(struct run *run, struct answer const *a)
{
	for (unsigned int i = 0; i < run->t->count; i++)
		if (run->answer[i].verdict == VERDICT_NONE)
			run->answer[i] = *a;
}

/* What a reply means where 2xx would be good. */
static enum verdict
verdict_of(unsigned int code)
{
	return code / 100 == 5 ? VERDICT_FAILED : VERDICT_DEFERRED;
}

void
run_answer_by_reply(struct run *run)
{
	struct answer a;
	unsigned int code = run->s->reply.code;
	reply_answer(&run->s->reply,
	    code / 100 == 2 ? VERDICT_RELAYED : verdict_of(code), &a);
	run_answer(run, &a);
}

void
run_commit(struct run *run)
{
	run->s->conn.alert = -1;
}

void
run_limit_message(struct run *run)
{
	session_limit(run->s,
	    smtp_time_message(run->s->settings, run->t->size));
}

bool
run_hear_end(struct run *run)
{
	struct session *s = run->s;
	session_limit(s, 0);
	if (session_hear(s, s->settings->smtp_data_done_timeout,
	        "the end of the message"))
		return true;
	if (reply_is_endless(&s->reply) && s->reply.code / 100 == 2)
		run_answer_by_reply(run);
	return false;
}

bool
run_is_silent(struct run *run, char const *stage)
{
	if (!conn_has_more(&run->s->conn))
		return true;
	session_protest(run->s, "more than it was asked", stage);
	return false;
}

/* --- commands --------------------------------------------------------------- */

/* What follows the recipients in the same exchange. */
enum last_step {
	LAST_NONE, /* chunks come when it is known who was accepted */
	LAST_DATA,
	LAST_CHUNK
};

/* Steps: RSET if the last transaction was left unfinished, MAIL, RCPT each, the
 * last. */
struct steps {
	unsigned int count;
	unsigned int recipient[TRANSACTION_RECIPIENTS]; /* of RCPT steps */
	unsigned int rcpt;                              /* where these start */
	unsigned int data;                              /* the last; or COUNT */
	enum last_step last;
};

static void
plan(struct run *run, struct steps *steps)
{
	steps->rcpt = run->s->dirty ? 2 : 1;
	steps->count = steps->rcpt;
	for (unsigned int i = 0; i < run->t->count; i++)
		if (!run->skip[i])
			steps->recipient[steps->count++ - steps->rcpt] = i;
	steps->data = steps->count;
	steps->last = !run->s->can.chunking ? LAST_DATA
	    : chunks_fit_in_one(run)        ? LAST_CHUNK
	                                    : LAST_NONE;
	if (steps->last != LAST_NONE)
		steps->count++;
}

static bool
say_step(struct run *run, struct steps const *steps, unsigned int i)
{
	if (i == steps->data)
		return steps->last == LAST_CHUNK ? chunks_say_one(run)
		                                 : session_say(run->s, "DATA");
	if (i >= steps->rcpt)
		return envelope_say_rcpt(run,
		    steps->recipient[i - steps->rcpt]);
	return i + 1 == steps->rcpt ? envelope_say_mail(run)
	                            : session_say(run->s, "RSET");
}

/* --- replies ---------------------------------------------------------------- */

/* RFC 5321 4.5.3.1.10: more recipients than it takes at once, who come in
 * another transaction. Some say so by 552; with a full mailbox's or another
 * status code it is about this one. */
static bool
too_many(struct run *run, struct answer const *a)
{
	if (!run->accepted)
		return false;
	return a->code == 452 ||
	    (a->code == 552 &&
	        (strcmp(a->status, "5.5.3") == 0 ||
	            strcmp(a->status, "5.0.0") == 0));
}

static void
hear_rcpt(struct run *run, unsigned int i)
{
	struct answer *a = &run->answer[i];
	unsigned int code = run->s->reply.code;
	if (run->mail_failed) /* that was the answer */
		return;
	if (code / 100 == 2) {
		run->accepted++;
		return;
	}
	reply_answer(&run->s->reply, verdict_of(code), a);
	if (too_many(run, a))
		a->verdict = VERDICT_AGAIN;
}

static void
hear_mail(struct run *run)
{
	struct answer a;
	unsigned int code = run->s->reply.code;
	if (code / 100 == 2)
		return;
	reply_answer(&run->s->reply, verdict_of(code), &a);
	run_answer(run, &a);
	run->mail_failed = true;
}

static bool
hear_step(struct run *run, struct steps const *steps, unsigned int i)
{
	struct settings const *set = run->s->settings;
	if (i == steps->data) {
		if (steps->last == LAST_CHUNK)
			return chunks_hear_one(run);
		if (!session_hear(run->s, set->smtp_data_init_timeout, "DATA"))
			return false;
		run->data_code = run->s->reply.code;
	} else if (i >= steps->rcpt) {
		if (!session_hear(run->s, set->smtp_rcpt_timeout, "RCPT"))
			return false;
		hear_rcpt(run, steps->recipient[i - steps->rcpt]);
	} else if (!session_hear(run->s, set->smtp_mail_timeout,
	               i + 1 == steps->rcpt ? "MAIL" : "RSET")) {
		return false;
	} else if (i + 1 == steps->rcpt) {
		hear_mail(run);
	}
	return true;
}

/* With PIPELINING (RFC 2920) commands go out before the replies to those ahead
 * of them are there. Without it, DATA only when a recipient was taken. */
static bool
is_next(struct run const *run, struct steps const *steps, unsigned int i)
{
	return i < steps->count && !run->mail_failed &&
	    (i != steps->data || run->s->can.pipelining || run->accepted);
}

/* False when the session is over. */
static bool
exchange_commands(struct run *run)
{
	struct steps steps;
	plan(run, &steps);
	unsigned int sent = 0, heard = 0;
	unsigned int window = run->s->can.pipelining ? PIPELINE_MAX : 1;
	run->s->dirty = true;
	do {
		while (sent - heard < window && is_next(run, &steps, sent)) {
			if (!say_step(run, &steps, sent))
				return false;
			sent++;
		}
		if (heard < sent && !hear_step(run, &steps, heard++))
			return false;
	} while (heard < sent || is_next(run, &steps, sent));
	return true;
}

/* Each reply may take its time, but not all of them. */
static bool
run_commands(struct run *run)
{
	session_limit(run->s,
	    smtp_time_commands(run->s->settings, run->t->count));
	bool ok = exchange_commands(run);
	session_limit(run->s, 0);
	/* it may have read the message, too; not every server hangs up with 421 */
	if (!ok && run->unheard)
		run_answer(run, &run->s->failure);
	return ok;
}

/* --- all of it -------------------------------------------------------------- */

bool
transaction_run(struct session *s, struct transaction const *t,
    struct answer answer[TRANSACTION_RECIPIENTS])
{
	struct run run = { .s = s,
		.t = t,
		.answer = answer,
		.data = { .place = MAIL_LINE_START,
		    .chunked = s->can.chunking } };
	for (unsigned int i = 0; i < t->count; i++)
		answer[i] = (struct answer){ .verdict = VERDICT_NONE };
	if (!message_look(&run)) {
		message_abandon(&run);
		return true;
	}
	if (envelope_needs_seven_bit(&run))
		return false;
	if (!envelope_check(&run) || !run_is_silent(&run, "MAIL") ||
	    !run_commands(&run))
		return true;
	if (!s->can.chunking)
		message_send_data(&run);
	else if (run.accepted && !run.last_chunk)
		chunks_send(&run);
	session_limit(s, 0);
	s->conn.alert = s->alert;
	return true;
}
