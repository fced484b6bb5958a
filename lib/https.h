/* SPDX-License-Identifier: ISC */
/* One request over HTTPS. Once there is a connection, and before an octet of it
 * is read, the process gives up all else: files, new sockets. */
#ifndef BESACE_HTTPS_H
#define BESACE_HTTPS_H

#include <stddef.h>
#include <skalibs/stralloc.h>

#include "bytes.h"
#include "https-host.h"

enum { HTTPS_ANSWER_MAX = 64 * 1024, HTTPS_REASON_MAX = 512 };

enum https_result {
	HTTPS_OK,
	HTTPS_FAILED,     /* it could not be had */
	HTTPS_UNVERIFIED, /* the certificate does not say that it is the host */
	HTTPS_OUT_OF_ORDER /* this machine's fault */
};

struct https_request {
	struct https_host const *host;
	char const *path;     /* and query; begins with "/" */
	char const *type;     /* of the body of a POST; NULL: it is a GET */
	struct bytes body;    /* of a POST */
	stralloc authorities; /* PEM: they say who the host is */
	long milliseconds;    /* all may take */
};

struct https_answer {
	long status;      /* 0: none came */
	char const *type; /* Content-Type, or NULL; lives as long as we do */
	stralloc body;
};

/* Sends R. HTTPS_OK: a whole answer has come, of any status; no redirect is
 * followed. Else REASON is why: a sentence part; the status may have come all
 * the same. To be called once. */
enum https_result https_ask(struct https_request const *r,
    struct https_answer *a, char reason[HTTPS_REASON_MAX]);

#endif
