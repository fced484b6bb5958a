/* SPDX-License-Identifier: ISC */
/* The policy of MTA-STS, RFC 8461 section 3.2: a domain's word on the TLS of
 * its mail servers, as it stands in the file that its web server gives out.
 * Pure. */
#ifndef BESACE_RELAY_MTA_STS_POLICY_H
#define BESACE_RELAY_MTA_STS_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

enum {
	MTA_STS_POLICY_MAX = 64 * 1024, /* octets; section 3.3 */
	MTA_STS_AGE_MAX = 31557600      /* seconds: a year */
};

enum mta_sts_mode { MTA_STS_NONE, MTA_STS_TESTING, MTA_STS_ENFORCE };

struct mta_sts_policy {
	enum mta_sts_mode mode;
	uint32_t max_age;  /* seconds, at most MTA_STS_AGE_MAX */
	struct bytes text; /* of the file; somebody else's */
};

/* "none", "testing", "enforce" */
char const *mta_sts_mode_name(enum mta_sts_mode mode);

/* Reads a file by its grammar, to the letter. False when it is no policy: *WHY
 * is a constant sentence part. */
bool mta_sts_policy_parse(char const *s, size_t len, struct mta_sts_policy *p,
    char const **why);

/* Whether the MX host NAME, in A-labels, is one of the policy's; section 4.1:
 * "*." stands for one label, and letter case for nothing. */
bool mta_sts_policy_lists(struct mta_sts_policy const *p, char const *name);

#endif
