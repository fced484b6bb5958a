/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <string.h>

#include "log.h"

/* What is said holds; a login is for nobody else's ears; and where TLS comes
 * first there is none to do without. */
static int
find_level(struct way const *way, struct settings const *settings)
{
	if (*way->level)
		return tls_level_find(way->level);
	if (*way->login && strcmp(way->auth, "clear") != 0)
		return TLS_VERIFY;
	int level = tls_level_find(settings->smtp_tls_security_level);
	return level < 0 ? TLS_MAY : level;
}

int
route_make(struct route *r, struct way const *way,
    struct settings const *settings)
{
	int level = find_level(way, settings);
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
		    "reason", "an unknown TLS level", "level", way->level,
		    (char *)NULL);
		return 0;
	}
	r->level = way->hop.smtps && level < TLS_ENCRYPT
	    ? TLS_ENCRYPT
	    : (enum tls_level)level;
	return 1;
}
