/* SPDX-License-Identifier: ISC */
/* Logins at other servers: who can read them, and whether they are used. */
#include "check.h"

#include <string.h>
#include <sys/stat.h>

#include "next-hop.h"
#include "path.h"
#include "routes.h"

static bool
is_next_hop(struct table const *t, struct record const *r)
{
	size_t n = sizeof ROUTES_NEXT_HOP - 1;
	return r->key_len > n &&
	    memcmp(table_key(t, r), ROUTES_NEXT_HOP, n) == 0;
}

/* Behind all the other parts of the value. */
static bool
has_password(struct table const *t, struct record const *r)
{
	struct bytes rest = { table_value(t, r), r->value_len };
	unsigned int before = is_next_hop(t, r) ? 4 : 5;
	while (before-- > 0)
		bytes_take_until(&rest, '\t');
	return rest.len > 0;
}

/* The text is written by hand, with whatever mode the editor gives it. */
static int
check_mode(struct tables *t)
{
	stralloc path = STRALLOC_ZERO;
	struct stat st;
	int ok = path_join(&path, path_etc(), sources[TABLE_ROUTES].file);
	if (ok && stat(path.s, &st) == 0 && st.st_mode & S_IROTH)
		tables_report(t, WARNING, TABLE_ROUTES, 0, NULL, 0,
		    "has passwords that every user of this machine can read: "
		    "give it mode 0640",
		    NULL);
	stralloc_free(&path);
	return ok;
}

static bool
is_same(struct bytes hop, struct bytes text)
{
	struct next_hop parsed;
	char own[NEXT_HOP_TEXT_MAX];
	if (!next_hop_parse(hop.s, hop.len, &parsed))
		return false;
	next_hop_format(&parsed, own);
	return bytes_are(text, own);
}

/* Whether relayhost or a route is the next hop TEXT. */
static bool
leads_to(struct tables const *t, struct bytes text)
{
	struct table const *settings = &t->table[TABLE_SETTINGS];
	struct table const *routes = &t->table[TABLE_ROUTES];
	struct record const *r =
	    table_find(settings, "relayhost", strlen("relayhost"));
	if (r &&
	    is_same((struct bytes){ table_value(settings, r), r->value_len },
	        text))
		return true;
	for (size_t i = 0; i < table_count(routes); i++) {
		r = table_at(routes, i);
		struct bytes rest = { table_value(routes, r), r->value_len };
		if (!is_next_hop(routes, r) &&
		    is_same(bytes_take_until(&rest, '\t'), text))
			return true;
	}
	return false;
}

/* A login for the servers of a domain is a strange thing, and most likely the
 * name of relayhost without its brackets or port. */
static void
check_use(struct tables *t, struct record const *r)
{
	struct table const *table = &t->table[TABLE_ROUTES];
	size_t n = sizeof ROUTES_NEXT_HOP - 1;
	struct bytes text = { table_key(table, r) + n, r->key_len - n };
	if (has_password(table, r) && !leads_to(t, text))
		tables_report(t, WARNING, TABLE_ROUTES, r->line, text.s,
		    text.len,
		    "neither relayhost nor a route is this next hop: write it "
		    "as there, with brackets and port",
		    NULL);
}

int
check_routes(struct tables *t)
{
	struct table const *table = &t->table[TABLE_ROUTES];
	bool secret = false;
	for (size_t i = 0; i < table_count(table); i++) {
		struct record const *r = table_at(table, i);
		secret = secret || has_password(table, r);
		if (is_next_hop(table, r))
			check_use(t, r);
	}
	return !secret || check_mode(t);
}
