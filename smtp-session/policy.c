/* SPDX-License-Identifier: ISC */
#include "policy.h"

#include <stdio.h>
#include <string.h>

#include "admit.h"
#include "client-rules.h"
#include "expand.h"
#include "local.h"
#include "mailbox-room.h"
#include "reply.h"
#include "sender-rules.h"
#include "transport.h"

#define REPLY_LOGIN_FIRST "530 5.7.0 Authentication required"
#define REPLY_NO_RELAY    "554 5.7.1 Relay access denied"
#define REPLY_NO_USER     "550 5.1.1 No such address here"
#define REPLY_NO_BOUNCE   "550 5.7.1 Only bounces are taken for this address"
#define REPLY_EXPIRED     "550 5.1.6 This address has expired"
#define REPLY_CIRCLE      "550 5.4.6 Its aliases lead only to each other"

char const *
policy_client(struct smtp_back *b)
{
	static char text[256];
	struct refusal why;
	if (admit_client(&b->common, &why))
		return NULL;
	/* for now only: a good server may stand behind the same address */
	snprintf(text, sizeof text, "421 4.7.0 %s", why.text);
	return policy_refuse(b, why.rule, text);
}

char const *
policy_sender(struct smtp_back *b, struct address const *sender)
{
	if (b->service != SERVICE_SMTP && !b->common.user.len)
		return REPLY_LOGIN_FIRST;
	if (b->service == SERVICE_LOCAL)
		return local_sender_rules(b, sender);
	return client_is_trusted(b) ? NULL : sender_rules(b, sender);
}

char const *
policy_refuse(struct smtp_back *b, char const *rule, char const *text)
{
	b->rule = rule;
	return text;
}

struct lookup *
policy_lookup(struct smtp_back *b)
{
	if (b->lookup_open)
		return &b->lookup;
	b->lookup_open = lookup_open(&b->lookup, b->common.settings);
	if (!b->lookup_open)
		lookup_close(&b->lookup);
	return b->lookup_open ? &b->lookup : NULL;
}

/* A recipient at another server, or, with its DEPTH, one that a recipient's
 * aliases lead to. */
static char const *
relay_rules(struct smtp_back *b, unsigned int depth)
{
	static char text[512];
	char const *no =
	    transport_refusal(b->common.settings->default_transport);
	if (!depth && !client_may_relay(b))
		return policy_refuse(b, "reject_unauth_destination",
		    REPLY_NO_RELAY);
	if (!no)
		return NULL;
	snprintf(text, sizeof text, "550 %s", no);
	return policy_refuse(b, "default_transport", text);
}

/* One target of the expansion: NULL when it can be served, else the reply. */
static char const *
target_reply(struct smtp_back *b, struct expand_step const *target)
{
	switch (target->kind) {
	case EXPAND_MAILBOX:
		return mailbox_room(b, &target->found);
	case EXPAND_REMOTE:
		return relay_rules(b, target->depth);
	case EXPAND_UNKNOWN:
		return target->found.kind == LOOKUP_EXPIRED ? REPLY_EXPIRED
		                                            : REPLY_NO_USER;
	case EXPAND_CIRCLE:
		return REPLY_CIRCLE;
	default:
		return REPLY_LATER_TEXT;
	}
}

/* A reverse-path of ours, and no bounce; or all who got it could send through
 * us. */
static bool
is_misused_return(struct smtp_back const *b, struct expansion const *e)
{
	return expand_step(e, 0)->found.kind == LOOKUP_RETURN &&
	    *b->mail.sender.s;
}

/* It is enough that one target can be served: what becomes of the others is
 * deliver's. With none, one that may be served later says so. */
static char const *
expansion_reply(struct smtp_back *b, struct expansion *e)
{
	struct expand_step const *target;
	char const *no = NULL;
	int more;
	while ((more = expand_next(e, &target)) > 0) {
		char const *text = is_misused_return(b, e)
		    ? policy_refuse(b, "srs_domain", REPLY_NO_BOUNCE)
		    : target_reply(b, target);
		if (!text)
			return NULL;
		if (!no || *text == '4')
			no = text;
	}
	return more < 0 ? REPLY_LATER_TEXT : no;
}

char const *
policy_recipient(struct smtp_back *b, struct address const *a)
{
	struct expansion e;
	size_t addresses = 0;
	char const *no = NULL;
	/* who is refused wrongly must have somebody to tell */
	if (!lookup_is_postmaster(a, b->common.settings->recipient_delimiter) &&
	    (no = client_rules(b)))
		return no;
	struct lookup *lookup = policy_lookup(b);
	if (!lookup)
		return REPLY_LATER_TEXT;
	no = expand_begin(&e, lookup, a, &addresses) ? expansion_reply(b, &e)
	                                             : REPLY_LATER_TEXT;
	expand_end(&e);
	return no;
}
