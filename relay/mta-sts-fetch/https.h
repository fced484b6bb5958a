/* SPDX-License-Identifier: ISC */
/* The policy file over HTTPS, by RFC 8461 section 3.3. Once there is a
 * connection, and before an octet of it is read, the process gives up all else:
 * files, new sockets. */
#ifndef BESACE_MTA_STS_FETCH_HTTPS_H
#define BESACE_MTA_STS_FETCH_HTTPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

#include "policy-host.h"

enum { HTTPS_BODY_MAX = 64 * 1024, HTTPS_REASON_MAX = 512 };

enum https_result {
	HTTPS_OK,
	HTTPS_FAILED,     /* it could not be had */
	HTTPS_UNVERIFIED, /* the certificate does not say that it is the host */
	HTTPS_OUT_OF_ORDER /* this machine's fault */
};

/* Fetches the file of host H within MILLISECONDS; *BODY becomes it. AUTHORITIES,
 * PEM, say who it is. Unless it is HTTPS_OK, REASON is why: a sentence part. To
 * be called once. */
enum https_result https_get(struct policy_host const *h,
    stralloc const *authorities, long milliseconds, stralloc *body,
    char reason[HTTPS_REASON_MAX]);

#endif
