/* SPDX-License-Identifier: ISC */
/* Who wants reports, by the DNS. */
#ifndef BESACE_TLS_REPORT_ASK_H
#define BESACE_TLS_REPORT_ASK_H

#include "dns.h"
#include "tlsrpt-record.h"

enum ask_result {
	ASK_NO_ANSWER, /* nothing is known for now */
	ASK_NOBODY,    /* the domain wants none, or not from us */
	ASK_WANTED     /* there is an address or a URI in the record */
};

struct ask {
	char domain[DNS_NAME_MAX + 1];
	enum ask_result result;
	struct tlsrpt_record record;
	unsigned int *pending;
};

/* Asks for the records of all COUNT domains at once. */
void ask_all(struct ask *a, unsigned int count, struct settings const *s);

#endif
