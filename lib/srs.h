/* SPDX-License-Identifier: ISC */
/* The Sender Rewriting Scheme: a reverse-path of ours for what is sent on for
 * somebody else, so that SPF holds, from which the way back can be read:
 *
 *   SRS0=HASH=TT=example.org=alice@us     alice@example.org, through us
 *   SRS1=HASH=them==REST@us               SRS0=REST@them, through us
 *
 * as "SRS: Guarded" of libsrs2, Mail::SRS and postsrsd has it. TT is the day.
 * HASH, an HMAC in base32, shows that the address is one that we made: whoever
 * has none cannot send through us. Servers on the way may fold letter case,
 * which the hash is blind for. */
#ifndef BESACE_SRS_H
#define BESACE_SRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"

enum {
	SRS_SECRET = 32, /* octets */
	SRS_SECRETS_MAX = 8,
	SRS_NAME = 16,
	SRS_DAYS_MAX = 1000 /* the day's number comes again after 1024 */
};

struct srs {
	unsigned char secrets[SRS_SECRETS_MAX][SRS_SECRET]; /* all verify */
	size_t count;       /* the first signs */
	char const *domain; /* of addresses made by us */
	uint64_t today;     /* days since 1970 */
	uint64_t days;      /* so long an address is good, to SRS_DAYS_MAX */
};

enum srs_result {
	SRS_OK,
	SRS_NONE,    /* no SRS address of ours */
	SRS_FORGED,  /* it looks like one, and we did not make it */
	SRS_EXPIRED, /* we made it, too long ago */
	SRS_FAILED,  /* for now: what is kept cannot be read */
	SRS_NAMED,   /* we made it for a name; see srs_forward_name */
	SRS_TOO_LONG /* a local part has 64 octets at most */
};

/* Whether the local part has the form of an SRS address, anybody's. Pure. */
bool srs_is(struct address const *a);

/* *OUT is the reverse-path for what SENDER, which has a domain, sent and we
 * send on. SRS_OK or SRS_TOO_LONG. There must be a secret. Pure. */
enum srs_result srs_forward(struct srs const *s, struct address const *sender,
    struct address *out);

/* The same for what the caller knows by a name of lower-case letters and
 * digits: SRS0=HASH=TT==NAME@us. */
enum srs_result srs_forward_name(struct srs const *s, char const name[SRS_NAME],
    struct address *out);

/* *OUT is the address that A leads back to; with SRS_NAMED its local part is
 * the name. Pure. */
enum srs_result srs_return(struct srs const *s, struct address const *a,
    struct address *out);

#endif
