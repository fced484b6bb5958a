/* SPDX-License-Identifier: ISC */
/* Sender and recipients: whom this server can take, and what it is told. */
#include "transaction-run.h"

#include <stdio.h>
#include <string.h>
#include <skalibs/stralloc.h>

#include "address.h"

enum { MAIL_ADDRESS_MAX = ADDRESS_MAX + 1 };

/* --- checks ----------------------------------------------------------------- */

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
	run_answer(run, &a);
	return false;
}

/* A header cannot be converted. */
bool
envelope_needs_seven_bit(struct run const *run)
{
	struct settings const *set = run->s->settings;
	return run->facts.body_8bit && !run->facts.header_8bit &&
	    !run->s->can.eightbitmime && !run->t->seven_bit &&
	    !set->smtp_send_8bit_undeclared &&
	    !set->disable_mime_output_conversion;
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
		return refuse_all(run, "5.6.3",
		    run->facts.header_8bit ? "a header beyond ASCII"
		                           : "messages beyond ASCII");
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

bool
envelope_check(struct run *run)
{
	return may_be_sent(run) && check_recipients(run) > 0;
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

bool
envelope_say_mail(struct run *run)
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

bool
envelope_say_rcpt(struct run *run, unsigned int i)
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
