/* SPDX-License-Identifier: ISC */
/* The report about a domain, RFC 8460 section 4. Pure. */
#ifndef BESACE_TLS_REPORT_REPORT_H
#define BESACE_TLS_REPORT_REPORT_H

#include <skalibs/stralloc.h>

#include "sessions.h"

enum {
	REPORT_POLICIES = 100, /* more are left out, as are, of a policy, ... */
	REPORT_FAILURES = 100  /* ... more kinds of failures; all are counted */
};

struct report {
	char const *day;
	char const *organization;
	char const *contact;
	char const *id;
	struct sessions const *sessions;
	struct session_range range; /* all of one domain */
};

/* Appends it as JSON. 1, or 0 out of memory. */
int report_build(struct report const *r, stralloc *out);

#endif
