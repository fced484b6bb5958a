/* SPDX-License-Identifier: ISC */
#include "mail-domain.h"

#include <stdlib.h>

struct mail_domain {
	struct dns *dns;
	unsigned int pending;
	int64_t deadline;
	bool abandoned; /* freed with the last answer */
	bool failed;
	bool good;
	bool null_mx;
};

static void
count_down(struct mail_domain *m)
{
	if (--m->pending == 0 && m->abandoned)
		free(m);
}

static void
on_mx(void *arg, struct dns_answer const *a)
{
	struct mail_domain *m = arg;
	m->failed |= a->status == DNS_FAILED;
	m->null_mx = a->count == 1 && a->record[0].len == 0;
	m->good |= a->count && !m->null_mx;
	count_down(m);
}

static void
on_address(void *arg, struct dns_answer const *a)
{
	struct mail_domain *m = arg;
	m->failed |= a->status == DNS_FAILED;
	m->good |= a->count > 0;
	count_down(m);
}

struct mail_domain *
mail_domain_ask(struct dns *d, char const *name)
{
	struct mail_domain *m = calloc(1, sizeof *m);
	if (!m)
		return NULL;
	m->dns = d;
	m->deadline = dns_deadline(d);
	m->pending = 3;
	dns_ask(d, name, DNS_MX, on_mx, m);
	dns_ask(d, name, DNS_A, on_address, m);
	dns_ask(d, name, DNS_AAAA, on_address, m);
	return m;
}

/* An address that came while the MX did not is enough, too: most domains have
 * both. */
enum mail_domain_state
mail_domain_wait(struct mail_domain *m)
{
	bool all = dns_wait(m->dns, &m->pending, m->deadline);
	if (m->null_mx)
		return MAIL_DOMAIN_NULL;
	if (m->good)
		return MAIL_DOMAIN_GOOD;
	return all && !m->failed ? MAIL_DOMAIN_NONE : MAIL_DOMAIN_UNKNOWN;
}

void
mail_domain_free(struct mail_domain *m)
{
	if (!m)
		return;
	m->abandoned = true;
	if (!m->pending)
		free(m);
}
