/* SPDX-License-Identifier: ISC */
#include "dane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hostname.h"

/* One question; its answer may come after nobody waits for it any more. */
struct ask {
	unsigned int pending;
	bool abandoned;
	enum dns_status status;
	bool secure;
	struct tlsa_set set;
};

static void
on_answer(void *arg, struct dns_answer const *answer)
{
	struct ask *a = arg;
	struct tlsa t;
	if (a->abandoned) {
		free(a);
		return;
	}
	a->pending = 0;
	a->status = answer->status;
	a->secure = answer->secure;
	for (unsigned int i = 0;
	     answer->status == DNS_FOUND && i < answer->count; i++)
		if (tlsa_parse(answer->record[i].text, answer->record[i].len,
		        &t))
			/* what is too much to keep is of no use */
			(void)tlsa_set_add(&a->set, &t);
}

/* DANE_FOUND: it is there, and signed. SET (or NULL) becomes the records. */
static enum dane_result
ask(struct dns *dns, char const *name, enum dns_type type, struct tlsa_set *set)
{
	struct ask *a = calloc(1, sizeof *a);
	if (!a)
		return DANE_FAILED;
	a->pending = 1;
	dns_ask(dns, name, type, on_answer, a);
	if (!dns_wait(dns, &a->pending, dns_deadline(dns))) {
		a->abandoned = true;
		return DANE_FAILED;
	}
	enum dane_result r = a->status == DNS_FAILED ? DANE_FAILED
	    : a->status == DNS_FOUND && a->secure    ? DANE_FOUND
	                                             : DANE_NONE;
	if (set && r == DANE_FOUND)
		*set = a->set;
	free(a);
	return r;
}

static enum dane_result
look(struct dane *d, struct dns *dns, char const *base, unsigned int port)
{
	char name[DNS_NAME_MAX + 1];
	int n = snprintf(name, sizeof name, "_%u._tcp.%s", port, base);
	snprintf(d->base, sizeof d->base, "%s", base);
	if (n < 0 || (size_t)n >= sizeof name) /* no such name can be */
		return DANE_NONE;
	return ask(dns, name, DNS_TLSA, &d->set);
}

/* Addresses that are not signed are those of a zone that is not, where nobody
 * has TLSA records and some name servers fail when asked for them; but an alias
 * that is signed may lead there from a zone that has. */
enum dane_result
dane_find(struct dane *d, struct dns *dns, struct host const *host,
    unsigned int port)
{
	bool alias = strcasecmp(host->name, host->expanded) != 0;
	enum dane_result r = DANE_NONE;
	if (!host->secure && (!alias || !dns_trusted(dns)))
		return DANE_NONE;
	if (!host->secure) {
		snprintf(d->base, sizeof d->base, "%s", host->name);
		r = ask(dns, host->name, DNS_CNAME, NULL);
		return r == DANE_FOUND ? look(d, dns, host->name, port) : r;
	}
	if (alias && hostname_valid(host->expanded, strlen(host->expanded)))
		r = look(d, dns, host->expanded, port);
	return r == DANE_NONE ? look(d, dns, host->name, port) : r;
}
