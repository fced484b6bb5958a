/* SPDX-License-Identifier: ISC */
#include "routes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "bytes.h"
#include "log.h"
#include "map.h"
#include "path.h"

/* --- open and close --------------------------------------------------------- */

static void
stamp(struct stat read[2])
{
	static char const *const files[2] = { "routes.cdb", "settings.cdb" };
	stralloc path = STRALLOC_ZERO;
	for (unsigned int i = 0; i < 2; i++)
		if (!path_join(&path, path_etc(), files[i]) ||
		    stat(path.s, &read[i]) < 0)
			memset(&read[i], 0, sizeof read[i]);
	stralloc_free(&path);
}

static int
open_with(struct routes *r, struct settings const *settings,
    struct map *(*open)(char const *name))
{
	*r = (struct routes){ .relayhost = settings->relayhost,
		.delimiters = settings->recipient_delimiter };
	stamp(r->read); /* before it is read: rather too old than too new */
	r->map = open("routes");
	return r->map != NULL;
}

int
routes_open(struct routes *r, struct settings const *settings)
{
	return open_with(r, settings, map_open_logged);
}

int
routes_try_open(struct routes *r, struct settings const *settings)
{
	return open_with(r, settings, map_open);
}

void
routes_close(struct routes *r)
{
	if (r->map)
		map_close(r->map);
	r->map = NULL;
}

bool
routes_are_old(struct routes const *r)
{
	struct stat now[2];
	bool old = false;
	stamp(now);
	for (unsigned int i = 0; i < 2; i++)
		old = old || now[i].st_dev != r->read[i].st_dev ||
		    now[i].st_ino != r->read[i].st_ino ||
		    now[i].st_mtim.tv_sec != r->read[i].st_mtim.tv_sec ||
		    now[i].st_mtim.tv_nsec != r->read[i].st_mtim.tv_nsec;
	return old;
}

bool
routes_changed_since(struct routes const *r, int64_t before, int64_t now)
{
	bool changed = false;
	for (unsigned int i = 0; i < 2; i++)
		changed = changed ||
		    (r->read[i].st_mtim.tv_sec > before &&
		        r->read[i].st_mtim.tv_sec <= now);
	return changed;
}

static bool
is_same(stralloc const *a, stralloc const *b)
{
	return a->len == b->len && (!a->len || memcmp(a->s, b->s, a->len) == 0);
}

/* Record by record: they are written in the order of their keys. */
static bool
have_same_records(struct map *a, struct map *b)
{
	stralloc text[4] = { STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO,
		STRALLOC_ZERO };
	unsigned int at_a = 0, at_b = 0;
	int more_a, more_b;
	bool same;
	do {
		more_a = map_next(a, &at_a, &text[0], &text[1]);
		more_b = map_next(b, &at_b, &text[2], &text[3]);
		same = more_a == more_b && more_a >= 0 &&
		    (!more_a ||
		        (is_same(&text[0], &text[2]) &&
		            is_same(&text[1], &text[3])));
	} while (same && more_a);
	for (unsigned int i = 0; i < 4; i++) {
		if (text[i].s)
			explicit_bzero(text[i].s, text[i].a);
		stralloc_free(&text[i]);
	}
	return same;
}

bool
routes_are_same(struct routes const *a, struct routes const *b)
{
	return strcmp(a->relayhost, b->relayhost) == 0 &&
	    strcmp(a->delimiters, b->delimiters) == 0 && a->map && b->map &&
	    have_same_records(a->map, b->map);
}

/* --- a value of the map ----------------------------------------------------- */

/* What was said before is kept. */
static bool
take_text(struct bytes *rest, char *out, size_t size)
{
	struct bytes b = bytes_take_until(rest, '\t');
	if (b.len >= size)
		return false;
	if (*out)
		return true;
	memcpy(out, b.s, b.len);
	out[b.len] = 0;
	return true;
}

/* level TAB certificate name TAB auth TAB login TAB password, as besace maps
 * writes them; what is empty was not said. A password goes with its login. */
static bool
take_options(struct bytes rest, struct way *w)
{
	char login[ROUTES_SECRET_MAX] = "";
	if (!take_text(&rest, w->level, sizeof w->level) ||
	    !take_text(&rest, w->certificate_name,
	        sizeof w->certificate_name) ||
	    !take_text(&rest, w->auth, sizeof w->auth) ||
	    !take_text(&rest, login, sizeof login) ||
	    rest.len >= sizeof w->password)
		return false;
	if (*w->login)
		return true;
	memcpy(w->login, login, sizeof login);
	memcpy(w->password, rest.s, rest.len);
	w->password[rest.len] = 0;
	return true;
}

/* The next hop, TAB, options. "-": the destination itself. */
static bool
take_route(struct bytes rest, struct way *w)
{
	struct bytes hop = bytes_take_until(&rest, '\t');
	w->by = WAY_ROUTE;
	w->named = !bytes_are(hop, "-");
	if (w->named && !next_hop_parse(hop.s, hop.len, &w->hop))
		return false;
	return take_options(rest, w);
}

/* --- the map ---------------------------------------------------------------- */

typedef bool take_function(struct bytes value, struct way *w);

/* 1, 0 no such key, -1, logged. */
static int
get(struct routes const *r, char const *key, struct way *w, take_function *take)
{
	stralloc value = STRALLOC_ZERO;
	int found = map_get(r->map, key, strlen(key), &value);
	if (found < 0)
		log_error("read map", "routes.cdb", errno);
	if (found > 0 &&
	    !take((struct bytes){ value.s ? value.s : "", value.len }, w)) {
		log_event("error", "what", "read map", "object", "routes.cdb",
		    "reason", "a route is damaged", "for", key, (char *)NULL);
		found = -1;
	}
	if (value.s)
		explicit_bzero(value.s, value.len);
	stralloc_free(&value);
	return found;
}

/* The route of PREFIX and NAME, which may not fit: then it is nobody's. */
static int
get_route(struct routes const *r, char const *prefix, char const *name,
    struct way *w)
{
	char key[ROUTES_KEY_MAX];
	int n = snprintf(key, sizeof key, "%s%s", prefix, name);
	int found = n < (int)sizeof key ? get(r, key, w, take_route) : 0;
	if (found > 0)
		memcpy(w->key, key, sizeof key);
	return found;
}

/* The domain itself, then ".parent" for what lies below one, from the nearest
 * on. */
static int
get_domain(struct routes const *r, char const *prefix, char const *domain,
    struct way *w)
{
	int found = get_route(r, prefix, domain, w);
	char const *parent = *domain == '[' ? NULL : strchr(domain, '.');
	for (; !found && parent; parent = strchr(parent + 1, '.'))
		found = get_route(r, prefix, parent, w);
	return found;
}

/* The address up to N octets of its local part. */
static int
get_address(struct routes const *r, struct address const *a, size_t n,
    struct way *w)
{
	struct address cut = *a;
	stralloc key = STRALLOC_ZERO;
	cut.local_len = n;
	int found = -1;
	if (address_key(&cut, &key) && stralloc_0(&key))
		found = get_route(r, ROUTES_SENDER, key.s, w);
	else
		log_error("read map", "routes.cdb", errno);
	stralloc_free(&key);
	return found;
}

static int
get_sender(struct routes const *r, char const *sender, struct way *w)
{
	struct address a;
	char domain[ADDRESS_DOMAIN_MAX + 1];
	if (!*sender)
		return get_route(r, ROUTES_SENDER, "<>", w);
	if (!address_parse(sender, strlen(sender), &a))
		return 0;
	int found = get_address(r, &a, a.local_len, w);
	for (size_t n = a.local_len; !found && n-- > 1;)
		if (a.local[n] && strchr(r->delimiters, a.local[n]))
			found = get_address(r, &a, n, w);
	memcpy(domain, a.domain, a.domain_len);
	domain[a.domain_len] = 0;
	return found ? found : get_domain(r, ROUTES_SENDER, domain, w);
}

/* What the line of the next hop says, where the route does not. */
static int
get_options(struct routes const *r, struct way *w)
{
	char key[sizeof ROUTES_NEXT_HOP + NEXT_HOP_TEXT_MAX] = ROUTES_NEXT_HOP;
	next_hop_format(&w->hop, key + sizeof ROUTES_NEXT_HOP - 1);
	return w->nowhere ? 0 : get(r, key, w, take_options);
}

/* --- all of it -------------------------------------------------------------- */

static int
get_any(struct routes const *r, char const *sender, char const *name,
    struct way *w)
{
	int found = get_domain(r, "", name, w);
	if (!found && sender)
		found = get_sender(r, sender, w);
	if (!found)
		found = get_route(r, "", "*", w);
	if (found || !*r->relayhost)
		return found;
	w->by = WAY_RELAYHOST;
	w->named = true;
	/* settings are checked */
	return next_hop_parse(r->relayhost, strlen(r->relayhost), &w->hop) ? 0
	                                                                   : -1;
}

int
routes_find(struct routes const *r, char const *sender, char const *destination,
    struct way *w)
{
	struct next_hop self;
	char name[NEXT_HOP_TEXT_MAX];
	*w = (struct way){ .by = WAY_DIRECT };
	bool valid = next_hop_parse(destination, strlen(destination), &self) &&
	    self.exact == self.address && !self.port;
	if (valid)
		next_hop_format(&self, name);
	if (get_any(r, sender, valid ? name : destination, w) < 0)
		return 0;
	if (!w->named) {
		w->hop = self;
		w->nowhere = !valid;
	}
	return get_options(r, w) >= 0;
}

void
way_name(struct way const *w, char const *destination,
    char out[NEXT_HOP_TEXT_MAX])
{
	if (w->nowhere)
		snprintf(out, NEXT_HOP_TEXT_MAX, "%s", destination);
	else
		next_hop_format(&w->hop, out);
}

int
way_identity(struct way const *w, char const *destination, stralloc *sa)
{
	char name[NEXT_HOP_TEXT_MAX];
	char const *const part[] = { w->named ? "named" : "", w->level,
		w->certificate_name, w->auth, w->login };
	way_name(w, destination, name);
	int ok = stralloc_cats(sa, name);
	for (size_t i = 0; ok && i < sizeof part / sizeof *part; i++)
		ok = stralloc_append(sa, '\t') && stralloc_cats(sa, part[i]);
	return ok;
}

char const *
way_level(struct way const *w, struct settings const *settings)
{
	char const *level = *w->level ? w->level
	    : *w->login && strcmp(w->auth, "clear") != 0
	    ? "verify"
	    : settings->smtp_tls_security_level;
	bool less = strcmp(level, "none") == 0 || strcmp(level, "may") == 0;
	return w->hop.smtps && less ? "encrypt" : level;
}
