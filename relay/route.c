/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <string.h>

#include "log.h"

int
route_make(struct route *r, struct way const *way,
    struct settings const *settings)
{
	char const *name = way_level(way, settings);
	int level = tls_level_find(name);
	*r = (struct route){ .hop = way->hop,
		.named = way->named,
		.level_named = *way->level,
		.auth_in_clear = strcmp(way->auth, "clear") == 0 };
	memcpy(r->certificate_name, way->certificate_name,
	    sizeof r->certificate_name);
	memcpy(r->login, way->login, sizeof r->login);
	memcpy(r->password, way->password, sizeof r->password);
	if (level < 0) {
		log_event("error", "what", "read map", "object", "routes.cdb",
		    "reason", "an unknown TLS level", "level", name,
		    (char *)NULL);
		return 0;
	}
	r->level = (enum tls_level)level;
	return 1;
}
