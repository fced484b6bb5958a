/* SPDX-License-Identifier: ISC */
/* DNS by c-ares: all questions under way at once, none waited for beyond a
 * limit. What comes back is parsed by c-ares alone. */
#ifndef BESACE_DNS_H
#define BESACE_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "settings.h"

enum {
	DNS_RECORDS_MAX = 32, /* of an answer; the best stay of more */
	DNS_NAME_MAX = 255
};

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5, /* asked for itself: no more than whether there is one */
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52
};

enum dns_status {
	DNS_FAILED,  /* no answer, or a broken one: nothing is known */
	DNS_NO_NAME, /* NXDOMAIN */
	DNS_NO_DATA, /* the name has no record of the type */
	DNS_FOUND
};

/* A record: an address, a host name ("" for the root) with its preference, the
 * octets of a TXT, or those of the data of a TLSA. A NUL follows the text. */
struct dns_record {
	unsigned int preference;
	char const *text;
	size_t len;
};

struct dns_answer {
	enum dns_status status;
	bool secure; /* all of it is signed (DNSSEC), that there is nothing,
	                   * too */
	char const *name;   /* where aliases (CNAME) led; "" when not known */
	unsigned int count; /* of records, with DNS_FOUND */
	struct dns_record record[DNS_RECORDS_MAX];
};

/* Called once for each question, perhaps before dns_ask returns. The answer
 * lives until it returns. */
typedef void dns_then(void *arg, struct dns_answer const *answer);

struct dns;

/* From the settings: resolver (or BESACE_RESOLVER), resolver_trust_ad,
 * dns_timeout. NULL when it cannot be had (logged). */
struct dns *dns_open(struct settings const *settings);

/* Whether the servers asked are believed when they say that an answer is
 * signed; else no answer is secure. */
bool dns_trusted(struct dns const *d);

/* The records of NAME. */
void dns_ask(struct dns *d, char const *name, enum dns_type type,
    dns_then *then, void *arg);

/* The names of the address IP: /etc/hosts, then PTR. Host names, unchecked. */
void dns_ask_names(struct dns *d, char const *ip, dns_then *then, void *arg);

/* The addresses of the host NAME, of the family (AF_INET, AF_INET6): /etc/hosts,
 * then A or AAAA. */
void dns_ask_hosts(struct dns *d, char const *name, int family, dns_then *then,
    void *arg);

/* A deadline for all that is asked now: dns_timeout from now. */
int64_t dns_deadline(struct dns const *d);

/* Takes answers until *PENDING, which the callbacks count down, is 0. false
 * when the deadline came first: what is still under way is answered later or
 * never. */
bool dns_wait(struct dns *d, unsigned int const *pending, int64_t deadline);

/* Takes answers until FD can be read, a signal comes that is else blocked, or
 * nothing is under way. */
void dns_serve(struct dns *d, int fd);

void dns_close(struct dns *d);

#endif
