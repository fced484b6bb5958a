/* SPDX-License-Identifier: ISC */
/* Mail addresses as in RFC 5321 section 4.1.2 and RFC 6531 section 3.3. */
#ifndef BESACE_ADDRESS_H
#define BESACE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

enum {
	ADDRESS_LOCAL_MAX = 64,   /* octets, RFC 5321 4.5.3.1.1 */
	ADDRESS_DOMAIN_MAX = 255, /* octets, RFC 5321 4.5.3.1.2 */
	ADDRESS_MAX = 2 * ADDRESS_LOCAL_MAX + 2 + 1 + ADDRESS_DOMAIN_MAX
};

struct address {
	char local[ADDRESS_LOCAL_MAX]; /* without quotes and backslashes */
	size_t local_len;
	char domain[ADDRESS_DOMAIN_MAX]; /* its name in the DNS: lower case,
	                                  * A-labels; "" for <> only */
	size_t domain_len;
	char written[ADDRESS_DOMAIN_MAX]; /* as it was written, if not so */
	size_t written_len;
	bool literal; /* domain is an address literal: [192.0.2.1] */
	bool utf8;    /* an octet over 0x7f is in it */
};

/* Reads a Mailbox (local-part "@" domain or address literal) that fills S
 * whole. 1; 0 when it is not one. Quoted local parts hold no control octets;
 * UTF-8 must be well formed, U-labels and A-labels valid. Pure. */
int address_parse(char const *s, size_t len, struct address *a);

/* Reads a Path or Reverse-path at the start of S: "<" [source-route ":"]
 * Mailbox ">" or "<>", or, as clients written by hand do, a bare Mailbox up to
 * the first space. A source route is skipped (RFC 5321 appendix C). For "<>"
 * local_len and domain_len are 0. Also takes "<postmaster>" (RFC 5321 4.1.1.3),
 * with an empty domain. Returns the octets used, 0 when it is not one. Pure. */
size_t address_path(char const *s, size_t len, struct address *a);

/* The same for what is no path because it has no domain: "<alice>", "alice".
 * domain_len is 0. Pure. */
size_t address_path_bare(char const *s, size_t len, struct address *a);

/* Appends the Mailbox as it is written: local part quoted when it must be, the
 * domain with the U-labels it came with. 1, or 0 with errno. */
int address_format(struct address const *a, stralloc *sa);

/* Appends the map key: the local part in lower case (and NFC), unquoted, "@",
 * domain with A-labels. 1, or 0 with errno. */
int address_key(struct address const *a, stralloc *sa);

/* Appends a login as map keys have it: lower case, and when it is an address
 * beyond ASCII as address_key. 1, or 0 with errno. */
int address_login_key(char const *login, size_t len, stralloc *sa);

#endif
