/* SPDX-License-Identifier: ISC */
/* The TXT record of _smtp._tls.DOMAIN, RFC 8460 section 3. Pure. */
#ifndef BESACE_TLS_REPORT_TLSRPT_RECORD_H
#define BESACE_TLS_REPORT_TLSRPT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

/* More are not written to. */
enum { TLSRPT_MAILTO_MAX = 8, TLSRPT_HTTPS_MAX = 4 };

struct tlsrpt_record {
	unsigned int mailtos;
	stralloc mailto[TLSRPT_MAILTO_MAX]; /* addresses, with a NUL behind */
	unsigned int webs;
	stralloc web[TLSRPT_HTTPS_MAX]; /* good https: URIs, all different,
	                                   with a NUL behind */
};

/* Whether it is a record of TLSRPT at all: what is none does not count among
 * those of the name. */
bool tlsrpt_record_is(char const *s, size_t len);

/* Reads one. 1, and the addresses and URIs it has, which may be none; 0 when
 * it is malformed; -1 out of memory. *R is to be freed in any case. */
int tlsrpt_record_parse(char const *s, size_t len, struct tlsrpt_record *r);

void tlsrpt_record_free(struct tlsrpt_record *r);

#endif
