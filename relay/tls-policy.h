/* SPDX-License-Identifier: ISC */
/* What TLS with one host of a destination must be: the administrator's level,
 * raised by DANE (RFC 7672) or by MTA-STS (RFC 8461). The process that has the
 * DNS finds it and hands it over to the one that talks to the host. */
#ifndef BESACE_RELAY_TLS_POLICY_H
#define BESACE_RELAY_TLS_POLICY_H

#include <stdbool.h>

#include "answer.h"
#include "dns.h"
#include "hosts.h"
#include "route.h"
#include "settings.h"
#include "tls-level.h"
#include "tls-result.h"
#include "tlsa.h"

enum { TLS_POLICY_NAMES = 3, TLS_POLICY_TEXT = 352 };

/* Where it comes from. */
enum tls_policy_kind {
	TLS_POLICY_NONE, /* the settings, or the route */
	TLS_POLICY_TLSA,
	TLS_POLICY_STS
};

struct tls_policy {
	enum tls_policy_kind kind;
	enum tls_level level;
	bool dane_required; /* TLS_DANE_ONLY: also when none of the records
	                     * turns out to be of use */
	bool testing;       /* MTA-STS "testing": with TLS_MAY, the certificate
	                     * is verified all the same, and what fails is only
	                     * told (client_session) */
	bool waived;        /* what the domain asks for does not count */
	bool authenticated; /* the host's name is as good as the certificate:
	                     * once that matches, REQUIRETLS is kept */
	/* TLS_VERIFY, TLS_DANE_ONLY, testing: the certificate is to have one
	 * of these (but not by TLSA records of the usage DANE-EE) */
	unsigned int name_count;
	char name[TLS_POLICY_NAMES][DNS_NAME_MAX + 1];
	char sni[DNS_NAME_MAX + 1]; /* "": none */
	struct tlsa_set tlsa;       /* TLS_DANE_ONLY: one of these matches it */
	char sts[TLS_POLICY_TEXT]; /* TLS_POLICY_STS: for messages, "the MTA-STS
	                             * policy of example.net (mode enforce)" */

	/* This host may not be used, whatever it offers. */
	bool forbidden;
	enum tls_result result;
	struct answer failure;
};

/* For the hook: */

/* An authority and the name (or IP address) HOST must be in the certificate. */
void tls_policy_verify(struct tls_policy *p, char const *host);

/* The host is not to be used: mail is deferred with this reason. */
void tls_policy_forbid(struct tls_policy *p, enum tls_result result,
    char const *status, char const *format, ...)
    __attribute__((format(printf, 4, 5)));

/* MTA-STS: changes *P as the policy of the domain DOMAIN asks for HOST, one of
 * its MX hosts; leaves it alone when there is none. Called for hosts found by
 * MX records, that have no TLSA records of use, at levels that can be raised. */
typedef void tls_policy_hook(void *arg, char const *domain, char const *host,
    struct tls_policy *p);

/* What is the same for all hosts of a destination. */
struct tls_policy_source {
	struct settings const *settings;
	struct route const *route;
	struct dns *dns;
	struct hosts const *hosts;
	unsigned int port;
	bool waived; /* the message has TLS-Required: No (RFC 8689): what the
	              * domain asks for does not count, but the level does */
	tls_policy_hook *sts; /* NULL: none is asked */
	void *sts_arg;
};

/* The policy for HOST, one of them. Asks the DNS, three questions at most. */
void tls_policy_find(struct tls_policy *p,
    struct tls_policy_source const *source, struct host const *host);

/* For the log: "dane", "mta-sts", or the level's name. */
char const *tls_policy_name(struct tls_policy const *p);

#endif
