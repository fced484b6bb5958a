/* SPDX-License-Identifier: ISC */
/* Whom reports come from. */
#ifndef BESACE_TLS_REPORT_SENDER_H
#define BESACE_TLS_REPORT_SENDER_H

#include "address.h"
#include "settings.h"

struct sender {
	char address[ADDRESS_MAX + 1];
	char const *domain;       /* of it */
	char const *organization; /* its name */
};

/* From tls_report_address and tls_report_organization. 1; 0, and logged, when
 * the tables cannot be read or the address is none. */
int sender_find(struct sender *s, struct settings const *settings);

#endif
