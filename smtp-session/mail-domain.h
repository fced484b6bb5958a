/* SPDX-License-Identifier: ISC */
/* Whether a domain can have mail: MX, or else addresses (RFC 5321 section
 * 5.1). */
#ifndef SMTP_MAIL_DOMAIN_H
#define SMTP_MAIL_DOMAIN_H

#include "dns.h"

enum mail_domain_state {
	MAIL_DOMAIN_UNKNOWN, /* the DNS has not told, within the limit */
	MAIL_DOMAIN_NONE,    /* no such domain, or nothing for mail */
	MAIL_DOMAIN_NULL,    /* RFC 7505: it takes no mail */
	MAIL_DOMAIN_GOOD
};

struct mail_domain;

/* Asks for MX, A and AAAA together. NULL when there is no memory. */
struct mail_domain *mail_domain_ask(struct dns *d, char const *name);

/* Waits for the answers, within the limit of the time it was asked. */
enum mail_domain_state mail_domain_wait(struct mail_domain *m);

/* D may be NULL. Answers may still be under way. */
void mail_domain_free(struct mail_domain *m);

#endif
