/* SPDX-License-Identifier: ISC */
#include "client-lists.h"

#include <stdio.h>
#include <string.h>

#include "back.h"
#include "client-rules.h"
#include "log.h"
#include "policy.h"
#include "resolver.h"
#include "words.h"

static void
ask(struct client_list *l, enum dns_type type, dns_then *then)
{
	struct smtp_back *b = l->of->back;
	char name[DNS_NAME_MAX + 1];
	if (!dns_list_question(&l->list, b->common.peer->ip, name))
		return;
	l->of->pending++;
	dns_ask(b->dns, name, type, then, l);
}

/* What a reply may hold, and nothing else of it: printable ASCII. */
static void
on_reason(void *arg, struct dns_answer const *a)
{
	struct client_list *l = arg;
	l->of->pending--;
	size_t n = a->count ? a->record[0].len : 0;
	if (n > LIST_REASON_MAX)
		n = LIST_REASON_MAX;
	for (size_t i = 0; i < n; i++) {
		char c = a->record[0].text[i];
		l->reason[i] = c >= 0x20 && c < 0x7f ? c : '?';
	}
	l->reason[n] = 0;
}

static void
on_address(void *arg, struct dns_answer const *a)
{
	struct client_list *l = arg;
	l->of->pending--;
	l->fault = a->status == DNS_FAILED ? "no good answer" : NULL;
	for (unsigned int i = 0; i < a->count; i++) {
		l->listed |= dns_list_has(&l->list, a->record[i].text);
		if (strncmp(a->record[i].text, "127.255.255.", 12) == 0)
			l->fault = "it does not serve this resolver";
	}
	if (l->listed && !l->allows)
		ask(l, DNS_TXT, on_reason);
}

static void
add_lists(struct client_lists *lists, char const *setting, bool allows)
{
	struct word rest = { setting, strlen(setting) }, entry;
	while ((entry = words_next(&rest)).len &&
	    lists->count < CLIENT_LISTS_MAX) {
		struct client_list *l = &lists->list[lists->count];
		*l = (struct client_list){ .of = lists,
			.allows = allows,
			.fault = "no answer in time" };
		lists->count += dns_list_parse(entry.s, entry.len, &l->list);
	}
}

void
client_lists_begin(struct smtp_back *b)
{
	struct settings const *s = b->common.settings;
	struct client_lists *lists = &b->client_lists;
	if (!client_is_stranger(b))
		return;
	add_lists(lists, s->permit_dnswl_client, true);
	add_lists(lists, s->reject_rbl_client, false);
	if (!lists->count || !resolver(b)) {
		lists->count = 0;
		return;
	}
	lists->back = b;
	lists->deadline = dns_deadline(b->dns);
	for (unsigned int i = 0; i < lists->count; i++)
		ask(&lists->list[i], DNS_A, on_address);
}

/* A list that never answers would go unnoticed for years. */
static void
report(struct client_lists *lists)
{
	for (unsigned int i = 0; !lists->reported && i < lists->count; i++) {
		struct client_list const *l = &lists->list[i];
		char zone[DNS_NAME_MAX + 1];
		snprintf(zone, sizeof zone, "%.*s", (int)l->list.zone_len,
		    l->list.zone);
		if (l->fault && !l->listed)
			log_event("error", "what", "ask the DNS list", "object",
			    zone, "reason", l->fault, (char *)NULL);
	}
	lists->reported = true;
}

static struct client_list const *
find(struct smtp_back *b, bool allows)
{
	struct client_lists *lists = &b->client_lists;
	if (lists->count)
		dns_wait(b->dns, &lists->pending, lists->deadline);
	report(lists);
	for (unsigned int i = 0; i < lists->count; i++)
		if (lists->list[i].listed && lists->list[i].allows == allows)
			return &lists->list[i];
	return NULL;
}

bool
client_lists_allow(struct smtp_back *b)
{
	return find(b, true) != NULL;
}

char const *
client_lists_rules(struct smtp_back *b)
{
	static char text[500];
	struct client_list const *l = find(b, false);
	if (!l)
		return NULL;
	snprintf(text, sizeof text,
	    "554 5.7.1 Your address %s is blocked by %.*s%s%s",
	    b->common.peer->ip, (int)l->list.zone_len, l->list.zone,
	    *l->reason ? ": " : "", l->reason);
	return policy_refuse(b, "reject_rbl_client", text);
}
