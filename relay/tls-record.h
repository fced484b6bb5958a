/* SPDX-License-Identifier: ISC */
/* Writes down how TLS with another server went, for the reports that its domain
 * may ask for (RFC 8460, tls-report(8)). That mail goes out does not depend on
 * it: what cannot be written is left out. */
#ifndef BESACE_RELAY_TLS_RECORD_H
#define BESACE_RELAY_TLS_RECORD_H

#include <netinet/in.h>

#include "bytes.h"
#include "hosts.h"
#include "tls-policy.h"

struct tls_record {
	struct settings const *settings;
	struct route const *route;
	struct tls_policy const *policy;
	struct bytes sts_text; /* of the MTA-STS policy, if it is one */
	struct host const *host;
	char local_ip[INET6_ADDRSTRLEN]; /* "": there was no connection */
};

/* Notes our address of the connection FD. */
void tls_record_socket(struct tls_record *r, int fd);

/* A session is open, or failed for REASON. What had nothing to do with TLS is
 * not written, nor what went a way that the administrator chose. */
void tls_record_result(struct tls_record const *r, enum tls_result result,
    char const *reason);

#endif
