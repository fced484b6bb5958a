/* SPDX-License-Identifier: ISC */
/* The way to a destination as relay goes it. */
#ifndef BESACE_RELAY_ROUTE_H
#define BESACE_RELAY_ROUTE_H

#include <stdbool.h>

#include "next-hop.h"
#include "routes.h"
#include "settings.h"
#include "tls-level.h"

struct route {
	struct next_hop hop;
	bool named; /* HOP is the administrator's word */
	enum tls_level level;
	bool level_named;                         /* so is this */
	char certificate_name[NEXT_HOP_NAME_MAX]; /* "": the host's */
	char login[ROUTES_SECRET_MAX];            /* "": none */
	char password[ROUTES_SECRET_MAX];
	bool auth_in_clear;
};

/* From what the administrator said, and the settings. 1; 0, logged: what he said
 * is damaged. */
int route_make(struct route *r, struct way const *way,
    struct settings const *settings);

#endif
