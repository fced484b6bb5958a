/* SPDX-License-Identifier: ISC */
/* The TXT record _mta-sts.DOMAIN, RFC 8461 section 3.1: that there is a policy,
 * and which one. Pure. */
#ifndef BESACE_RELAY_MTA_STS_RECORD_H
#define BESACE_RELAY_MTA_STS_RECORD_H

#include <stdbool.h>

#include "dns.h"

enum { MTA_STS_ID_MAX = 32 };

/* The id of the one record among ANSWER's that begins with "v=STSv1;", NUL
 * behind it. False when there is none, there are more, or it is not by the
 * grammar: then the domain has no policy. */
bool mta_sts_record_find(struct dns_answer const *answer,
    char id[MTA_STS_ID_MAX + 1]);

#endif
