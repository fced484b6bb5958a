/* SPDX-License-Identifier: ISC */
#include "sender-rules.h"

#include <stdio.h>
#include <string.h>

#include "map.h"
#include "owners.h"
#include "policy.h"
#include "reply.h"
#include "resolver.h"

#define REPLY_NO_DOMAIN "504 5.5.2 Sender address needs a complete domain"
#define REPLY_NO_SENDER "550 5.1.0 Sender address does not exist here"
#define REPLY_NOT_YOURS "553 5.7.1 Sender address is not yours"
#define REPLY_NULL_MX   "550 5.7.27 Sender domain takes no mail"
#define REPLY_NEEDS_LOGIN \
	"553 5.7.1 Sender address needs a login: log in on a submission port"

/* A domain of one label is no complete one. */
static bool
is_complete(struct address const *a)
{
	return a->literal || memchr(a->domain, '.', a->domain_len);
}

/* The table of senders. NULL when none is wanted, and *OK, or when it cannot be
 * had (logged). */
static struct map *
senders(struct smtp_back *b, bool *ok)
{
	char const *name = b->common.settings->smtpd_sender_login_maps;
	if (*name && !b->senders)
		b->senders = map_open_logged(name);
	*ok = !*name || b->senders;
	return b->senders;
}

static char const *
unlisted(struct smtp_back *b, struct owners const *o)
{
	if (!b->common.settings->reject_unlisted_sender ||
	    o->kind != LOOKUP_UNKNOWN || o->logins.len)
		return NULL;
	return policy_refuse(b, "reject_unlisted_sender", REPLY_NO_SENDER);
}

static char const *
users_own(struct smtp_back *b, struct owners const *o)
{
	struct settings const *s = b->common.settings;
	if (owners_have(o, &b->common.user))
		return NULL;
	if (s->reject_authenticated_sender_login_mismatch)
		return policy_refuse(b,
		    "reject_authenticated_sender_login_mismatch",
		    REPLY_NOT_YOURS);
	if (s->reject_sender_login_mismatch)
		return policy_refuse(b, "reject_sender_login_mismatch",
		    REPLY_NOT_YOURS);
	return NULL;
}

static char const *
strangers_own(struct smtp_back *b, struct owners const *o)
{
	if (!o->logins.len || !b->common.settings->reject_sender_login_mismatch)
		return NULL;
	return policy_refuse(b, "reject_sender_login_mismatch",
	    REPLY_NEEDS_LOGIN);
}

/* Code and enhanced code that the setting wants, and the text. */
static char const *
no_domain(struct smtp_back *b)
{
	static char text[80];
	unsigned int code =
	    (unsigned int)b->common.settings->unknown_address_reject_code;
	snprintf(text, sizeof text, "%u %u.1.8 Sender domain does not exist",
	    code, code / 100);
	return text;
}

static char const *
domain_verdict(struct smtp_back *b, struct mail_domain *m)
{
	if (!m)
		return REPLY_DNS_LATER;
	switch (mail_domain_wait(m)) {
	case MAIL_DOMAIN_UNKNOWN:
		return REPLY_DNS_LATER;
	case MAIL_DOMAIN_NONE:
		return no_domain(b);
	case MAIL_DOMAIN_NULL:
		return REPLY_NULL_MX;
	case MAIL_DOMAIN_GOOD:
		break;
	}
	return NULL;
}

/* Our own domains need no DNS, and users' names are looked up by their own
 * rules. */
static char const *
unknown_domain(struct smtp_back *b, struct address const *sender,
    struct owners const *o)
{
	char name[ADDRESS_DOMAIN_MAX + 1];
	if (!b->common.settings->reject_unknown_sender_domain ||
	    b->common.user.len || sender->literal || o->kind != LOOKUP_REMOTE)
		return NULL;
	memcpy(name, sender->domain, sender->domain_len);
	name[sender->domain_len] = 0;
	struct mail_domain *m =
	    resolver(b) ? mail_domain_ask(b->dns, name) : NULL;
	char const *no = domain_verdict(b, m);
	mail_domain_free(m);
	return no ? policy_refuse(b, "reject_unknown_sender_domain", no) : NULL;
}

/* What the tables, and then the DNS, have against it. */
static char const *
listed_rules(struct smtp_back *b, struct address const *sender)
{
	static struct owners o = OWNERS_ZERO;
	bool ok;
	struct lookup *lookup = policy_lookup(b);
	struct map *map = senders(b, &ok);
	if (!lookup || !ok || !owners_find(lookup, map, sender, &o))
		return REPLY_LATER_TEXT;
	char const *no = unlisted(b, &o);
	if (!no)
		no = b->common.user.len ? users_own(b, &o)
		                        : strangers_own(b, &o);
	return no ? no : unknown_domain(b, sender, &o);
}

char const *
sender_rules(struct smtp_back *b, struct address const *sender)
{
	if (!sender->local_len && !sender->domain_len)
		return NULL;
	if (!is_complete(sender) && b->common.settings->reject_non_fqdn_sender)
		return policy_refuse(b, "reject_non_fqdn_sender",
		    REPLY_NO_DOMAIN);
	if (!sender->domain_len)
		return REPLY_BAD_ADDRESS;
	return listed_rules(b, sender);
}
