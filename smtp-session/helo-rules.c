/* SPDX-License-Identifier: ISC */
#include "helo-rules.h"

#include "address.h"
#include "back.h"
#include "client-rules.h"
#include "hostname.h"
#include "policy.h"
#include "reply.h"
#include "resolver.h"

#define REPLY_INVALID    "501 5.5.2 Your HELO name is no host name"
#define REPLY_INCOMPLETE "504 5.5.2 Your HELO name needs a complete domain"
#define REPLY_UNKNOWN_NAME \
	"450 4.7.1 Your HELO name has no address and no mail server"

/* RFC 5321 section 4.1.4: an address literal is allowed, too. */
static bool
is_literal(stralloc const *hello)
{
	struct address a;
	stralloc text = STRALLOC_ZERO;
	bool literal = hello->len && hello->s[0] == '[' &&
	    stralloc_copys(&text, "x@") && stralloc_cat(&text, hello) &&
	    address_parse(text.s, text.len, &a);
	stralloc_free(&text);
	return literal;
}

static bool
is_name(stralloc const *hello)
{
	return hostname_valid(hello->s, hello->len);
}

void
helo_begin(struct smtp_back *b)
{
	char name[HOSTNAME_MAX + 2];
	mail_domain_free(b->hello_domain);
	b->hello_domain = NULL;
	if (!b->common.settings->reject_unknown_helo_hostname ||
	    !client_is_stranger(b) || !is_name(&b->hello) || !resolver(b))
		return;
	memcpy(name, b->hello.s, b->hello.len);
	name[b->hello.len] = 0;
	b->hello_domain = mail_domain_ask(b->dns, name);
}

static char const *
unknown(struct smtp_back *b)
{
	char const *rule = "reject_unknown_helo_hostname";
	if (!b->hello_domain)
		return policy_refuse(b, rule, REPLY_DNS_LATER);
	switch (mail_domain_wait(b->hello_domain)) {
	case MAIL_DOMAIN_UNKNOWN:
		return policy_refuse(b, rule, REPLY_DNS_LATER);
	case MAIL_DOMAIN_NONE:
		return policy_refuse(b, rule, REPLY_UNKNOWN_NAME);
	default:
		return NULL;
	}
}

char const *
helo_rules(struct smtp_back *b)
{
	struct settings const *s = b->common.settings;
	if (!b->hello.len || is_literal(&b->hello))
		return NULL;
	bool name = is_name(&b->hello);
	if (s->reject_invalid_helo_hostname && !name)
		return policy_refuse(b, "reject_invalid_helo_hostname",
		    REPLY_INVALID);
	if (s->reject_non_fqdn_helo_hostname &&
	    (!name || !hostname_complete(b->hello.s, b->hello.len)))
		return policy_refuse(b, "reject_non_fqdn_helo_hostname",
		    REPLY_INCOMPLETE);
	return s->reject_unknown_helo_hostname && name ? unknown(b) : NULL;
}
