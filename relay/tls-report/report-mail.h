/* SPDX-License-Identifier: ISC */
/* The message that brings a report, RFC 8460 section 5.3. Pure. */
#ifndef BESACE_TLS_REPORT_REPORT_MAIL_H
#define BESACE_TLS_REPORT_REPORT_MAIL_H

#include <stdint.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

#include "bytes.h"

struct report_mail {
	int64_t now;
	int64_t start; /* first second of the day */
	char const *day;
	char const *domain;    /* that the report is about */
	char const *submitter; /* the domain of FROM */
	char const *from;
	char const *to; /* addresses, each with a line feed behind */
	char const *id; /* of the report */
	char const *uid;
	char const *host;
	struct bytes gzip; /* the report */
};

/* Appends it, in lines of ASCII that end with LF. 1, or 0 with errno. */
int report_mail_build(struct report_mail const *m, stralloc *out);

#endif
