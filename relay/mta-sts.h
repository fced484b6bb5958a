/* SPDX-License-Identifier: ISC */
/* MTA-STS, RFC 8461: what a domain demands of the TLS of its mail servers, found
 * by its TXT record and its web server, kept on disk. */
#ifndef BESACE_RELAY_MTA_STS_H
#define BESACE_RELAY_MTA_STS_H

#include <skalibs/stralloc.h>

#include "dns.h"
#include "https-program.h"
#include "mta-sts-entry.h"
#include "settings.h"
#include "tls-policy.h"

struct mta_sts {
	struct https_program program;
	int var;
	struct dns *dns;
	int dir; /* of what is kept; -1: nothing can be */

	/* of the one domain */
	bool found;                  /* all the following is known */
	bool holds;                  /* there is a policy */
	unsigned int pending;        /* questions */
	char id[MTA_STS_ID_MAX + 1]; /* by the DNS; "": none, or not known */
	struct mta_sts_entry entry;
	stralloc kept, fetched; /* the policy is in one of them */
};

/* Opens what the mail's owner may have no way to, before we become him. */
void mta_sts_prepare(struct mta_sts *m);

/* The tls_policy_hook. The domain is always the same; its policy is looked for
 * when it is asked for the first time. */
void mta_sts_apply(void *m, char const *domain, char const *host,
    struct tls_policy *p);

#endif
