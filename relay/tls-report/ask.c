/* SPDX-License-Identifier: ISC */
#include "ask.h"

#include <stdio.h>

#include "log.h"

/* RFC 8460 section 3: more than one record is none. */
static struct dns_record const *
only_record(struct dns_answer const *answer)
{
	struct dns_record const *only = NULL;
	for (unsigned int i = 0; i < answer->count; i++) {
		struct dns_record const *r = &answer->record[i];
		if (!tlsrpt_record_is(r->text, r->len))
			continue;
		if (only)
			return NULL;
		only = r;
	}
	return only;
}

static enum ask_result
read_answer(struct ask *a, struct dns_answer const *answer)
{
	if (answer->status == DNS_FAILED)
		return ASK_NO_ANSWER;
	if (answer->status != DNS_FOUND)
		return ASK_NOBODY;
	struct dns_record const *r = only_record(answer);
	int good = r ? tlsrpt_record_parse(r->text, r->len, &a->record) : 0;
	if (good < 0)
		return ASK_NO_ANSWER;
	if (r && !good)
		log_event("tls-report", "domain", a->domain, "result", "none",
		    "reason", "its TLSRPT record is malformed", (char *)NULL);
	return good && (a->record.mailtos || a->record.webs) ? ASK_WANTED
	                                                     : ASK_NOBODY;
}

static void
on_answer(void *arg, struct dns_answer const *answer)
{
	struct ask *a = arg;
	a->result = read_answer(a, answer);
	--*a->pending;
}

/* What did not come in time gets its answer, which is none, from dns_close. */
void
ask_all(struct ask *a, unsigned int count, struct settings const *s)
{
	char name[DNS_NAME_MAX + sizeof "_smtp._tls."];
	unsigned int pending = count;
	struct dns *dns = dns_open(s);
	for (unsigned int i = 0; i < count; i++) {
		a[i].result = ASK_NO_ANSWER;
		a[i].record = (struct tlsrpt_record){ .mailtos = 0 };
		a[i].pending = &pending;
		snprintf(name, sizeof name, "_smtp._tls.%s", a[i].domain);
		if (dns)
			dns_ask(dns, name, DNS_TXT, on_answer, &a[i]);
	}
	if (!dns)
		return;
	dns_wait(dns, &pending, dns_deadline(dns));
	dns_close(dns);
}
