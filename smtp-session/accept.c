/* SPDX-License-Identifier: ISC */
/* The end of DATA: through the filters, stage by stage, then to the mailboxes.
 * 250 is said only when the last program has said 0. */
#include <stdio.h>
#include <string.h>

#include "back.h"
#include "builtins.h"
#include "client-rules.h"
#include "clean-up.h"
#include "chain.h"
#include "log.h"
#include "spool.h"

/* --- the environment of the programs ---------------------------------------- */

/* A stralloc as a C string; NULL when it is empty. */
static char const *
text_of(struct environment *e, stralloc *sa)
{
	if (!sa->len)
		return NULL;
	if (!stralloc_0(sa)) {
		e->failed = true;
		return NULL;
	}
	sa->len--;
	return sa->s;
}

static char const *
not_empty(char const *s)
{
	return s && *s ? s : NULL;
}

/* What the extensions said of the envelope: values that were read and written
 * again, so that they hold no line end but ours. */
static void
put_options(struct environment *e, struct mail *mail)
{
	struct mail_options const *o = &mail->options;
	environment_put(e, "BODY", mail_body_name(o->body));
	environment_put(e, "SMTPUTF8", o->smtputf8 ? "1" : NULL);
	environment_put(e, "REQUIRETLS", o->requiretls ? "1" : NULL);
	environment_put(e, "DSN_RET", mail_ret_name(o->ret));
	environment_put(e, "ENVELOPE_ID", not_empty(o->envid));
	if (mail->recipient_options.len > mail->count)
		environment_put(e, "RECIPIENT_OPTIONS",
		    text_of(e, &mail->recipient_options));
}

static void
build_environment(struct smtp_back *b, struct environment *e)
{
	struct peer const *peer = b->common.peer;
	environment_begin(e);
	environment_put(e, "SENDER", b->mail.sender.s);
	environment_put(e, "RECIPIENTS", text_of(e, &b->mail.recipients));
	put_options(e, &b->mail);
	environment_put(e, "TCPREMOTEIP", not_empty(peer->ip));
	environment_put(e, "TCPREMOTEHOST", not_empty(peer->name));
	environment_put(e, "TCPLOCALPORT", not_empty(peer->local_port));
	environment_put(e, "HELO", text_of(e, &b->hello));
	environment_put(e, "AUTH_USER", text_of(e, &b->common.user));
	environment_put(e, "TLS_PROTOCOL", text_of(e, &b->tls_protocol));
	environment_put(e, "TLS_CIPHER", text_of(e, &b->tls_cipher));
	environment_put(e, "MESSAGE_UID", b->mail.uid);
}

/* --- the programs ----------------------------------------------------------- */

static enum verdict
run_programs(struct smtp_back *b, struct environment *e, stralloc *text)
{
	struct settings const *settings = b->common.settings;
	struct chain chain = {
		.settings = settings,
		.environment = e,
		.fd = b->mail.fd,
		.builtins = builtins,
	};
	enum verdict v = chain_filter(&chain,
	    client_is_ours(b) ? CHAIN_OUTBOUND : CHAIN_INBOUND, text);
	b->mail.fd = chain.fd;
	if (v != VERDICT_PASS)
		return v;
	return chain_deliver(&chain, b->mail.sender.s, &b->mail.recipients,
	    text);
}

/* --- the verdict ------------------------------------------------------------ */

struct code {
	char const *enhanced;
	char const *basic;
};

static struct code const codes[] = {
	{ "4.2.2 ", "452 " },
	{ "5.2.2 ", "552 " },
	{ "5.3.4 ", "552 " },
	{ "5.4.6 ", "554 " },
};

/* The basic code that goes with an enhanced one. */
static char const *
basic_code(enum verdict v, stralloc const *text)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (text->len > 6 && !memcmp(text->s, codes[i].enhanced, 6))
			return codes[i].basic;
	return v == VERDICT_REFUSED ? "550 " : "451 ";
}

static void
log_verdict(struct smtp_back *b, char const *event, stralloc *reply)
{
	char count[16];
	char size[24];
	snprintf(count, sizeof count, "%u", b->mail.count);
	snprintf(size, sizeof size, "%lld", (long long)spool_size(b->mail.fd));
	bool ended = stralloc_0(reply);
	log_event(event, "ip", peer_text(b->common.peer), "name",
	    not_empty(b->common.peer->name), "user",
	    b->common.user.len ? b->common.user.s : NULL, "from",
	    b->mail.sender.s, "recipients", count, "size", size, "answer",
	    ended ? reply->s : NULL, (char *)NULL);
	if (ended)
		reply->len--;
}

static int
compose(struct smtp_back *b, enum verdict v, stralloc *text, stralloc *reply)
{
	reply->len = 0;
	if (v == VERDICT_PASS || v == VERDICT_DISCARD)
		return stralloc_cats(reply, "250 2.0.0 Ok: ") &&
		    stralloc_cats(reply, b->mail.uid);
	if (!text->len &&
	    !stralloc_cats(text, "4.3.0 Temporary failure, try again later"))
		return 0;
	return stralloc_cats(reply, basic_code(v, text)) &&
	    stralloc_cat(reply, text);
}

bool
back_accept(struct smtp_back *b, stralloc *reply)
{
	struct environment e;
	stralloc text = STRALLOC_ZERO;
	enum verdict v = VERDICT_LATER;
	build_environment(b, &e);
	/* from now on the front, which has it open, can change it no more */
	if (!e.failed && spool_seal(b->mail.fd) && clean_up(b) &&
	    spool_seal(b->mail.fd))
		v = run_programs(b, &e, &text);
	environment_free(&e);
	if (!compose(b, v, &text, reply))
		reply->len = 0;
	stralloc_free(&text);
	log_verdict(b,
	    v == VERDICT_PASS          ? "accepted"
	        : v == VERDICT_DISCARD ? "discarded"
	                               : "refused",
	    reply);
	return v == VERDICT_PASS || v == VERDICT_DISCARD;
}
