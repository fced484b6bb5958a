/* SPDX-License-Identifier: ISC */
/* The way to a destination as the administrator has it: the map routes, the
 * setting relayhost, or none but the destination itself. */
#ifndef BESACE_RELAY_ROUTE_H
#define BESACE_RELAY_ROUTE_H

#include <stdbool.h>

#include "next-hop.h"
#include "settings.h"
#include "tls-level.h"

enum { ROUTE_SECRET_MAX = 512 };

struct route {
	struct next_hop hop;
	bool named; /* HOP is the administrator's word */
	enum tls_level level;
	bool level_named;                         /* so is this */
	char certificate_name[NEXT_HOP_NAME_MAX]; /* "": the host's */
	char login[ROUTE_SECRET_MAX];             /* "": none */
	char password[ROUTE_SECRET_MAX];
	bool auth_in_clear;
};

enum route_result {
	ROUTE_ERROR = -1, /* logged: try again later */
	ROUTE_NONE,       /* DESTINATION is no place that mail can go to */
	ROUTE_FOUND
};

/* DESTINATION is a domain or an address literal. */
enum route_result route_find(char const *destination,
    struct settings const *settings, struct route *r);

#endif
