/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <errno.h>
#include <string.h>
#include <skalibs/stralloc.h>

#include "bytes.h"
#include "log.h"
#include "map.h"

/* --- the map ---------------------------------------------------------------- */

/* The domain itself, ".parent" for what lies below one, from the nearest on,
 * and "*". 1, 0, -1 with errno. */
static int
look_up(struct map *map, char const *domain, stralloc *value)
{
	int r = map_get(map, domain, strlen(domain), value);
	char const *parent = *domain == '[' ? NULL : strchr(domain, '.');
	for (; r == 0 && parent; parent = strchr(parent + 1, '.'))
		r = map_get(map, parent, strlen(parent), value);
	return r ? r : map_get(map, "*", 1, value);
}

static bool
take_text(struct bytes *rest, char *out, size_t size)
{
	struct bytes b = bytes_take_until(rest, '\t');
	if (b.len >= size)
		return false;
	memcpy(out, b.s, b.len);
	out[b.len] = 0;
	return true;
}

/* hop TAB level TAB certificate name TAB auth TAB login TAB password, as besace
 * maps writes them; what is empty was not said. "-": the domain itself. */
static bool
read_value(struct bytes rest, struct route *r)
{
	char level[16], auth[16];
	struct bytes hop = bytes_take_until(&rest, '\t');
	if (!bytes_are(hop, "-")) {
		r->named = true;
		if (!next_hop_parse(hop.s, hop.len, &r->hop))
			return false;
	}
	if (!take_text(&rest, level, sizeof level) ||
	    !take_text(&rest, r->certificate_name,
	        sizeof r->certificate_name) ||
	    !take_text(&rest, auth, sizeof auth) ||
	    !take_text(&rest, r->login, sizeof r->login) ||
	    rest.len >= sizeof r->password)
		return false;
	memcpy(r->password, rest.s, rest.len);
	r->password[rest.len] = 0;
	r->auth_in_clear = strcmp(auth, "clear") == 0;
	int found = *level ? tls_level_find(level) : -1;
	r->level_named = *level;
	if (found >= 0)
		r->level = (enum tls_level)found;
	else if (*r->login && !r->auth_in_clear)
		r->level = TLS_VERIFY; /* nobody else is to have it */
	return found >= 0 || !*level;
}

static int
read_map(char const *destination, struct route *r)
{
	stralloc value = STRALLOC_ZERO;
	struct map *map = map_open_logged("routes");
	if (!map)
		return -1;
	int found = look_up(map, destination, &value);
	if (found < 0) {
		log_error("read map", "routes.cdb", errno);
	} else if (found &&
	    !read_value((struct bytes){ value.s ? value.s : "", value.len },
	        r)) {
		log_event("error", "what", "read map", "object", "routes.cdb",
		    "reason", "a route is damaged", "for", destination,
		    (char *)NULL);
		found = -1;
	}
	if (value.s)
		explicit_bzero(value.s, value.len);
	stralloc_free(&value);
	map_close(map);
	return found;
}

/* --- all of it -------------------------------------------------------------- */

enum route_result
route_find(char const *destination, struct settings const *settings,
    struct route *r)
{
	*r = (struct route){ .named = false };
	struct next_hop self;
	int level = tls_level_find(settings->smtp_tls_security_level);
	r->level = level < 0 ? TLS_MAY : (enum tls_level)level;
	bool valid = next_hop_parse(destination, strlen(destination), &self) &&
	    self.exact == self.address && !self.port;
	int found =
	    read_map(valid && !self.address ? self.name : destination, r);
	if (found < 0)
		return ROUTE_ERROR;
	char const *relayhost = settings->relayhost;
	if (!found && *relayhost) {
		r->named = true;
		if (!next_hop_parse(relayhost, strlen(relayhost), &r->hop))
			return ROUTE_ERROR; /* settings are checked */
	}
	if (!r->named)
		r->hop = self;
	return r->named || valid ? ROUTE_FOUND : ROUTE_NONE;
}
