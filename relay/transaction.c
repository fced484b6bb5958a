/* SPDX-License-Identifier: ISC */
#include "transaction.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/stralloc.h>

#include "address.h"
#include "mail-data.h"

enum {
	PIPELINE_MAX = 100, /* commands without a reply: neither side's
	                     * buffers are full with them */
	CHUNK = 16384,
	RCPT_SHARE = 30, /* so many recipients may take, together, as long as
	                  * one */
	LAST_WORDS = 1,  /* second, for what was said before a hang-up */
	MAIL_ADDRESS_MAX = ADDRESS_MAX + 1
};

struct run {
	struct session *s;
	struct transaction const *t;
	struct answer *answer;
	struct mail_facts facts;
	bool skip[TRANSACTION_RECIPIENTS]; /* not for this server */
	unsigned int accepted;
	bool mail_failed;
	unsigned int data_code; /* of the reply to DATA; 0: none */
};

/* --- what the message needs ------------------------------------------------- */

/* 1, or 0: it cannot be read. */
static int
look_at_message(struct run *run)
{
	static char chunk[CHUNK];
	uint64_t at = 0;
	run->facts = (struct mail_facts)MAIL_FACTS_ZERO;
	while (at < run->t->size) {
		ssize_t n = pread(run->t->fd, chunk, sizeof chunk,
		    (off_t)(run->t->start + at));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		mail_facts_add(&run->facts, chunk, (size_t)n);
		at += (uint64_t)n;
	}
	return at == run->t->size;
}

static void
answer_all(struct run *run, struct answer const *a)
{
	for (unsigned int i = 0; i < run->t->count; i++)
		if (run->answer[i].verdict == VERDICT_NONE)
			run->answer[i] = *a;
}

static bool
is_ascii(char const *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

/* The address as this server can take it: without SMTPUTF8 a domain beyond
 * ASCII by its A-labels. 1; 0 it cannot; -1 it is no address. */
static int
write_address(struct run *run, char const *address, char out[MAIL_ADDRESS_MAX])
{
	struct address a;
	stralloc sa = STRALLOC_ZERO;
	int r = 1;
	if (!*address) {
		*out = 0;
		return 1;
	}
	if (!address_parse(address, strlen(address), &a))
		return -1;
	if (!run->s->can.smtputf8)
		a.written_len = 0;
	if (!address_format(&a, &sa) || !stralloc_0(&sa) ||
	    sa.len > MAIL_ADDRESS_MAX)
		r = -1;
	else
		memcpy(out, sa.s, sa.len);
	stralloc_free(&sa);
	return r > 0 && !run->s->can.smtputf8 && !is_ascii(out) ? 0 : r;
}

static bool
refuse_all(struct run *run, char const *status, char const *what)
{
	struct answer a;
	answer_set(&a, VERDICT_FAILED, status, "%s does not take %s",
	    run->s->where, what);
	answer_all(run, &a);
	return false;
}

/* RFC 8689: REQUIRETLS is for servers whose certificate was verified by a name
 * that no stranger could forge, and that promise to keep to it. */
static bool
may_be_sent(struct run *run)
{
	struct session *s = run->s;
	struct capabilities const *can = &s->can;
	char sender[MAIL_ADDRESS_MAX];
	if (run->t->requiretls && (!s->verified || !can->requiretls))
		return refuse_all(run, "5.7.30",
		    "messages with REQUIRETLS by a verified connection");
	if (can->size_limit && run->facts.size > can->size_limit)
		return refuse_all(run, "5.3.4", "a message of this size");
	if (write_address(run, run->t->sender, sender) <= 0)
		return refuse_all(run, "5.6.7", "such a sender address");
	if (run->t->smtputf8 && run->facts.header_8bit && !can->smtputf8)
		return refuse_all(run, "5.6.9", "a header beyond ASCII");
	if ((run->facts.header_8bit || run->facts.body_8bit) &&
	    !can->eightbitmime && !s->settings->smtp_send_8bit_undeclared)
		return refuse_all(run, "5.6.3", "messages beyond ASCII");
	return true;
}

/* How many are left to be sent. */
static unsigned int
check_recipients(struct run *run)
{
	char address[MAIL_ADDRESS_MAX];
	unsigned int left = 0;
	for (unsigned int i = 0; i < run->t->count; i++) {
		char const *to = run->t->recipient[i].address;
		int r = *to ? write_address(run, to, address) : -1;
		run->skip[i] = r <= 0;
		if (r < 0)
			answer_set(&run->answer[i], VERDICT_FAILED, "5.1.3",
			    "it is no address");
		else if (r == 0)
			answer_set(&run->answer[i], VERDICT_FAILED, "5.6.7",
			    "%s does not take addresses beyond ASCII",
			    run->s->where);
		left += r > 0;
	}
	return left;
}

/* --- commands --------------------------------------------------------------- */

static bool
needs_smtputf8(struct run *run)
{
	if (!run->s->can.smtputf8)
		return false;
	bool needs = (run->t->smtputf8 && run->facts.header_8bit) ||
	    !is_ascii(run->t->sender);
	for (unsigned int i = 0; !needs && i < run->t->count; i++)
		needs =
		    !run->skip[i] && !is_ascii(run->t->recipient[i].address);
	return needs;
}

static bool
say_mail(struct run *run)
{
	struct transaction const *t = run->t;
	struct capabilities const *can = &run->s->can;
	char sender[MAIL_ADDRESS_MAX], size[40] = "", envid[128] = "";
	bool beyond = run->facts.header_8bit || run->facts.body_8bit;
	bool utf8 = needs_smtputf8(run);
	if (write_address(run, t->sender, sender) <= 0)
		*sender = 0; /* it was looked at before */
	if (can->size)
		snprintf(size, sizeof size, " SIZE=%llu",
		    (unsigned long long)run->facts.size);
	if (can->dsn && dsn_is_envid(t->envid, strlen(t->envid)))
		snprintf(envid, sizeof envid, " ENVID=%s", t->envid);
	return session_say(run->s, "MAIL FROM:<%s>%s%s%s%s%s%s", sender, size,
	    can->eightbitmime && beyond ? " BODY=8BITMIME" : "",
	    utf8 ? " SMTPUTF8" : "", t->requiretls ? " REQUIRETLS" : "",
	    !can->dsn                    ? ""
	        : t->ret == DSN_RET_FULL ? " RET=FULL"
	        : t->ret == DSN_RET_HDRS ? " RET=HDRS"
	                                 : "",
	    envid);
}

static bool
say_rcpt(struct run *run, unsigned int i)
{
	struct transaction_recipient const *r = &run->t->recipient[i];
	char to[MAIL_ADDRESS_MAX], orcpt[DSN_ORCPT_MAX + 8] = "";
	stralloc notify = STRALLOC_ZERO;
	bool dsn = run->s->can.dsn, ok = true;
	if (write_address(run, r->address, to) <= 0)
		*to = 0; /* it was looked at before */
	if (dsn &&
	    dsn_is_orcpt(r->orcpt, strlen(r->orcpt), run->s->can.smtputf8))
		snprintf(orcpt, sizeof orcpt, " ORCPT=%s", r->orcpt);
	if (dsn && r->notify)
		ok = stralloc_cats(&notify, " NOTIFY=") &&
		    dsn_notify_format(r->notify, &notify);
	ok = ok && stralloc_0(&notify)
	    ? session_say(run->s, "RCPT TO:<%s>%s%s", to, notify.s, orcpt)
	    : session_say(run->s, "RCPT TO:<%s>%s", to, orcpt);
	stralloc_free(&notify);
	return ok;
}

/* Steps: RSET if the last transaction was left unfinished, MAIL, RCPT each,
 * DATA. */
struct steps {
	unsigned int count;
	unsigned int recipient[TRANSACTION_RECIPIENTS]; /* of RCPT steps */
	unsigned int rcpt;                              /* where these start */
	unsigned int data;
};

static void
plan(struct run *run, struct steps *steps)
{
	steps->rcpt = run->s->dirty ? 2 : 1;
	steps->count = steps->rcpt;
	for (unsigned int i = 0; i < run->t->count; i++)
		if (!run->skip[i])
			steps->recipient[steps->count++ - steps->rcpt] = i;
	steps->data = steps->count++;
}

static bool
say_step(struct run *run, struct steps const *steps, unsigned int i)
{
	if (i == steps->data)
		return session_say(run->s, "DATA");
	if (i >= steps->rcpt)
		return say_rcpt(run, steps->recipient[i - steps->rcpt]);
	return i + 1 == steps->rcpt ? say_mail(run)
	                            : session_say(run->s, "RSET");
}

/* --- replies ---------------------------------------------------------------- */

/* What a reply means where 2xx would be good. */
static enum verdict
verdict_of(unsigned int code)
{
	return code / 100 == 5 ? VERDICT_FAILED : VERDICT_DEFERRED;
}

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
	answer_all(run, &a);
	run->mail_failed = true;
}

static bool
hear_step(struct run *run, struct steps const *steps, unsigned int i)
{
	struct settings const *set = run->s->settings;
	if (i == steps->data) {
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
 * of them are there. Without it, DATA only when a recipient was taken. False
 * when the session is over. */
static bool
exchange_commands(struct run *run)
{
	struct steps steps;
	plan(run, &steps);
	unsigned int sent = 0, heard = 0;
	unsigned int window = run->s->can.pipelining ? PIPELINE_MAX : 1;
	run->s->dirty = true;
	do {
		while (sent < steps.count && sent - heard < window &&
		    !run->mail_failed &&
		    (sent != steps.data || window > 1 || run->accepted)) {
			if (!say_step(run, &steps, sent))
				return false;
			sent++;
		}
		if (heard < sent && !hear_step(run, &steps, heard++))
			return false;
	} while (heard < sent ||
	    (sent < steps.count && !run->mail_failed &&
	        (sent != steps.data || window > 1 || run->accepted)));
	return true;
}

/* Each reply may take its time, but not all of them. */
static bool
run_commands(struct run *run)
{
	struct settings const *set = run->s->settings;
	session_limit(run->s,
	    set->smtp_mail_timeout + set->smtp_rcpt_timeout +
	        set->smtp_data_init_timeout +
	        run->t->count * (set->smtp_rcpt_timeout / RCPT_SHARE));
	bool ok = exchange_commands(run);
	session_limit(run->s, 0);
	return ok;
}

/* --- the message ------------------------------------------------------------ */

/* Those that were taken and have no answer yet. */
static void
answer_accepted(struct run *run)
{
	struct answer a;
	unsigned int code = run->s->reply.code;
	reply_answer(&run->s->reply,
	    code / 100 == 2 ? VERDICT_RELAYED : verdict_of(code), &a);
	answer_all(run, &a);
}

/* The message cannot be read to its end: the server must not have an end of it
 * either. */
static bool
abandon(struct run *run)
{
	answer_set(&run->s->failure, VERDICT_DEFERRED, "4.3.0",
	    "the message cannot be read");
	answer_all(run, &run->s->failure);
	session_drop(run->s);
	return false;
}

/* It speaks before it has the end: a refusal is one of the message, which it
 * then does not get; anything else is out of turn. */
static bool
hear_early(struct run *run, uint64_t timeout)
{
	struct session *s = run->s;
	s->conn.pending.len = 0;
	if (!session_hear(s, timeout, "the message"))
		return false;
	if (s->reply.code < 400) {
		session_protest(s, "a wrong reply", "the message");
		return false;
	}
	answer_accepted(run);
	reply_answer(&s->reply, VERDICT_DEFERRED, &s->failure);
	session_drop(s);
	return false;
}

/* It takes no more: a server that refuses a message often hangs up on the rest
 * of it, and what it said before that is here. */
static bool
hear_last_words(struct run *run)
{
	return hear_early(run, LAST_WORDS);
}

static bool
put_body(struct run *run, char const *out, size_t len)
{
	struct conn *c = &run->s->conn;
	uint64_t timeout = run->s->settings->smtp_data_xfer_timeout;
	c->timeout = timeout < 1 ? 1
	    : timeout > INT_MAX  ? INT_MAX
	                         : (int)timeout;
	conn_limit_sending(c, c->timeout);
	return conn_put(c, out, len) || hear_last_words(run);
}

/* False when the session is over; what was taken may then go elsewhere. */
static bool
send_body(struct run *run, struct mail_data *data)
{
	static char chunk[CHUNK];
	static char out[MAIL_DATA_ROOM(CHUNK)];
	uint64_t left = run->t->size, at = run->t->start;
	while (left) {
		if (conn_has_more(&run->s->conn))
			return hear_early(run,
			    run->s->settings->smtp_data_done_timeout);
		ssize_t n = pread(run->t->fd, chunk,
		    left < sizeof chunk ? left : sizeof chunk, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return abandon(run);
		at += (uint64_t)n;
		left -= (uint64_t)n;
		size_t len = mail_data_add(data, chunk, (size_t)n, out);
		if (!put_body(run, out, len))
			return false;
	}
	return true;
}

/* From the moment the final dot may have left, only the server's answer tells
 * whether it has the message. */
static void
end_body(struct run *run, struct mail_data *data)
{
	char end[MAIL_DATA_END];
	struct session *s = run->s;
	size_t len = mail_data_end(data, end);
	if (!put_body(run, end, len) ||
	    (!conn_flush(&s->conn) && !hear_last_words(run))) {
		answer_all(run, &s->failure);
		return;
	}
	if (session_hear(s, s->settings->smtp_data_done_timeout,
	        "the end of the message")) {
		answer_accepted(run);
		s->dirty = false;
		return;
	}
	answer_all(run, &s->failure);
}

/* Where the server has said more than it was asked, replies would be taken for
 * those of other commands. */
static bool
is_silent(struct session *s, char const *stage)
{
	if (!conn_has_more(&s->conn))
		return true;
	session_protest(s, "more than it was asked", stage);
	return false;
}

static void
run_data(struct run *run)
{
	struct mail_data data = { .place = MAIL_LINE_START };
	struct session *s = run->s;
	if (!run->data_code)
		return;
	if (run->data_code / 100 < 4 && run->data_code != 354)
		session_protest(s, "a wrong reply", "DATA");
	else if (run->data_code != 354)
		answer_accepted(run);
	else if (is_silent(s, "DATA") &&
	    (!run->accepted || run->mail_failed || send_body(run, &data)))
		end_body(run, &data);
}

/* --- all of it -------------------------------------------------------------- */

void
transaction_run(struct session *s, struct transaction const *t,
    struct answer answer[TRANSACTION_RECIPIENTS])
{
	struct run run = { .s = s, .t = t, .answer = answer };
	for (unsigned int i = 0; i < t->count; i++)
		answer[i] = (struct answer){ .verdict = VERDICT_NONE };
	if (!look_at_message(&run)) {
		abandon(&run);
		return;
	}
	if (!may_be_sent(&run) || !check_recipients(&run))
		return;
	if (is_silent(s, "MAIL") && run_commands(&run))
		run_data(&run);
}
