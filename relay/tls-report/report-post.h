/* SPDX-License-Identifier: ISC */
/* A report to a web server, RFC 8460 section 5.4, by tls-report-post(8). */
#ifndef BESACE_TLS_REPORT_REPORT_POST_H
#define BESACE_TLS_REPORT_REPORT_POST_H

#include <time.h>
#include <skalibs/stralloc.h>

#include "https-program.h"
#include "stage.h"

enum { POSTS_TIME = 3600 /* seconds, of all of a run */ };

struct poster {
	struct https_program program;
	time_t end; /* nothing begins later */
};

/* Before we become the mail's owner. */
void poster_open(struct poster *p);

/* Gives the packed report to URI, which is one. PASS, or LATER with its reason,
 * a word or some, in *WHY. */
enum verdict report_post(struct poster const *p, char const *uri,
    stralloc const *gzip, char const **why);

#endif
