/* SPDX-License-Identifier: ISC */
/* The TXT record of _smtp._tls.DOMAIN, RFC 8460 section 3. Pure. */
#ifndef BESACE_TLS_REPORT_TLSRPT_RECORD_H
#define BESACE_TLS_REPORT_TLSRPT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

enum { TLSRPT_RUA_MAX = 8 }; /* more are not written to */

struct tlsrpt_record {
	unsigned int count;
	stralloc mailto[TLSRPT_RUA_MAX]; /* addresses, with a NUL behind */
};

/* Whether it is a record of TLSRPT at all: what is none does not count among
 * those of the name. */
bool tlsrpt_record_is(char const *s, size_t len);

/* Reads one. 1, and the addresses of "mailto:" it has, which may be none; 0 when
 * it is malformed; -1 out of memory. *R is to be freed in any case. */
int tlsrpt_record_parse(char const *s, size_t len, struct tlsrpt_record *r);

void tlsrpt_record_free(struct tlsrpt_record *r);

#endif
