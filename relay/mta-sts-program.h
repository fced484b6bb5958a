/* SPDX-License-Identifier: ISC */
/* Runs mta-sts-fetch(8): libcurl and all that it brings are no part of us. */
#ifndef BESACE_RELAY_MTA_STS_PROGRAM_H
#define BESACE_RELAY_MTA_STS_PROGRAM_H

#include <skalibs/stralloc.h>

#include "settings.h"
#include "tls-result.h"

/* The program and BESACE_ETC, which the mail's owner may have no way to: opened
 * before we become him. -1: it could not be. */
struct mta_sts_program {
	int program;
	int etc;
};

void mta_sts_program_open(struct mta_sts_program *p);

/* Fetches the policy file of DOMAIN, a minute or so at most; *TEXT becomes it.
 * TLS_RESULT_SUCCESS, or what stands in the way. */
enum tls_result mta_sts_program_run(struct mta_sts_program const *p,
    char const *domain, stralloc *text);

#endif
