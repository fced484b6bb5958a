/* SPDX-License-Identifier: ISC */
/* What is kept of a domain's MTA-STS policy, as a file, made of lines and, when
 * a policy is kept, its text behind an empty one:
 *
 *	Besace-Mta-Sts: 1
 *	Id: 20261121T100000           of the policy
 *	Fetched: 2026-11-21T14:04:38Z
 *	Expires: 2026-11-28T14:04:38Z
 *	Tried-Id: 20261122T100000     what could not be had
 *	Failing-Since: 2026-11-21T14:59:37Z
 *	Tried: 2026-11-21T15:04:38Z
 *	Failure: sts-policy-fetch-error
 *
 *	version: STSv1
 *	...
 *
 * Pure. */
#ifndef BESACE_RELAY_MTA_STS_ENTRY_H
#define BESACE_RELAY_MTA_STS_ENTRY_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

#include "mta-sts-policy.h"
#include "mta-sts-record.h"
#include "tls-result.h"

enum { MTA_STS_ENTRY_MAX = MTA_STS_POLICY_MAX + 1024 /* octets */ };

struct mta_sts_entry {
	char id[MTA_STS_ID_MAX + 1]; /* "": no policy is kept */
	int64_t fetched;             /* seconds, as the next two */
	int64_t expires;
	struct mta_sts_policy policy;

	enum tls_result failure; /* of the last try; none: it did not fail */
	char tried_id[MTA_STS_ID_MAX + 1];
	int64_t tried;
	int64_t failing_since; /* the first of the tries in a row */
};

/* Reads a file. The policy's text stays in S. False when it is none; *E is then
 * empty. */
bool mta_sts_entry_read(char const *s, size_t len, struct mta_sts_entry *e);

/* *OUT becomes the file. 1, or 0 with errno. */
int mta_sts_entry_write(stralloc *out, struct mta_sts_entry const *e);

/* Whether its policy holds: section 5.1. One that was fetched in a future that
 * the clock has left does not. */
bool mta_sts_entry_holds(struct mta_sts_entry const *e, int64_t now);

/* Whether the policy is to be fetched: none holds, or ID ("": not known) is
 * another, or it is a day, or half of its time, old (section 10.2). */
bool mta_sts_entry_due(struct mta_sts_entry const *e, char const *id,
    int64_t now);

/* ID could not be had. */
void mta_sts_entry_fail(struct mta_sts_entry *e, char const *id,
    enum tls_result failure, int64_t now);

/* Whether that failed a short time ago: five minutes, or as long as it has been
 * failing, up to an hour; an hour when what is kept does as well. */
bool mta_sts_entry_tried(struct mta_sts_entry const *e, char const *id,
    int64_t now);

/* From when on nobody needs the file. */
int64_t mta_sts_entry_end(struct mta_sts_entry const *e);

#endif
