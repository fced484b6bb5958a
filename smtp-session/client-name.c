/* SPDX-License-Identifier: ISC */
#include "client-name.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "back.h"
#include "hostname.h"
#include "policy.h"
#include "resolver.h"

#define REPLY_NO_NAME "450 4.7.25 Your address has no host name"
#define REPLY_NOT_CONFIRMED \
	"450 4.7.25 Your address has no host name that leads back to it"

/* --- the lookup ----------------------------------------------------------- */

static void
keep(struct smtp_back *b, char const *name)
{
	struct peer *peer = b->common.peer;
	if (!*peer->name)
		snprintf(peer->name, sizeof peer->name, "%s", name);
}

/* The addresses of a name: is the client's among them? */
static void
on_addresses(void *arg, struct dns_answer const *a)
{
	struct client_candidate *candidate = arg;
	struct client_name *n = candidate->of;
	n->pending--;
	n->failed |= a->status == DNS_FAILED;
	for (unsigned int i = 0; i < a->count; i++)
		if (strcmp(a->record[i].text, n->back->common.peer->ip) == 0)
			keep(n->back, candidate->text);
}

static void
confirm(struct client_name *n, struct client_candidate *candidate,
    struct dns_record const *name)
{
	char const *ip = n->back->common.peer->ip;
	candidate->of = n;
	memcpy(candidate->text, name->text, name->len + 1);
	n->pending++;
	dns_ask_hosts(n->back->dns, candidate->text,
	    strchr(ip, ':') ? AF_INET6 : AF_INET, on_addresses, candidate);
}

static void
on_names(void *arg, struct dns_answer const *a)
{
	struct client_name *n = arg;
	unsigned int used = 0;
	n->pending--;
	n->failed |= a->status == DNS_FAILED;
	for (unsigned int i = 0; i < a->count && used < CLIENT_NAMES_MAX; i++) {
		struct dns_record const *name = &a->record[i];
		if (!hostname_valid(name->text, name->len))
			continue;
		n->reverse = true;
		confirm(n, &n->candidate[used++], name);
	}
}

static bool
is_wanted(struct smtp_back const *b)
{
	struct settings const *s = b->common.settings;
	struct peer const *peer = b->common.peer;
	return b->service == SERVICE_SMTP && *peer->ip && !*peer->name &&
	    (s->smtpd_peername_lookup || s->reject_unknown_client_hostname ||
	        s->reject_unknown_reverse_client_hostname);
}

void
client_name_begin(struct smtp_back *b)
{
	struct client_name *n = &b->client_name;
	struct dns *dns = is_wanted(b) ? resolver(b) : NULL;
	if (!dns)
		return;
	n->back = b;
	n->asked = true;
	n->deadline = dns_deadline(dns);
	n->pending = 1;
	dns_ask_names(dns, b->common.peer->ip, on_names, n);
}

void
client_name_wait(struct smtp_back *b)
{
	struct client_name *n = &b->client_name;
	if (n->asked && !*b->common.peer->name &&
	    !dns_wait(b->dns, &n->pending, n->deadline))
		n->failed = true;
}

/* --- the rules ------------------------------------------------------------ */

/* For now only, as the names may come; also what the DNS left open. */
char const *
client_name_rules(struct smtp_back *b)
{
	struct settings const *s = b->common.settings;
	if (!s->reject_unknown_client_hostname &&
	    !s->reject_unknown_reverse_client_hostname)
		return NULL;
	client_name_wait(b);
	if (*b->common.peer->name)
		return NULL;
	if (s->reject_unknown_reverse_client_hostname &&
	    !b->client_name.reverse)
		return policy_refuse(b,
		    "reject_unknown_reverse_client_hostname", REPLY_NO_NAME);
	if (s->reject_unknown_client_hostname)
		return policy_refuse(b, "reject_unknown_client_hostname",
		    REPLY_NOT_CONFIRMED);
	return NULL;
}
