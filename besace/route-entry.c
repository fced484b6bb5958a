/* SPDX-License-Identifier: ISC */
/* Ways to other servers: "example.net [smtp.example.net]:587 tls=verify
 * user=alice password=secret". */
#include "entry.h"

#include <string.h>

#include "next-hop.h"
#include "text.h"

enum option { LEVEL, NAME, AUTH, USER, PASSWORD, OPTIONS };

static char const *const option_names[OPTIONS] = { "tls=", "name=", "auth=",
	"user=", "password=" };

/* What may stand in a field of the map. */
static bool
is_one_of(struct bytes value, char const *const *words)
{
	for (; *words; words++)
		if (bytes_are(value, *words))
			return true;
	return false;
}

static char const *
check(enum option option, struct bytes value)
{
	static char const *const levels[] = { "none", "may", "encrypt",
		"dane-only", "verify", NULL };
	static char const *const auths[] = { "tls", "clear", NULL };
	if (bytes_have_control(value))
		return "a control character is in it";
	switch (option) {
	case LEVEL:
		return is_one_of(value, levels)
		    ? NULL
		    : "TLS is none, may, encrypt, dane-only or verify";
	case AUTH:
		return is_one_of(value, auths) ? NULL : "auth is tls or clear";
	case NAME:
		return bytes_are_domain(value) ? NULL
		                               : "is no name of a server";
	default:
		return value.len ? NULL : "is empty";
	}
}

static int
find_option(struct bytes word)
{
	for (int i = 0; i < OPTIONS; i++)
		if (word.len >= strlen(option_names[i]) &&
		    memcmp(word.s, option_names[i], strlen(option_names[i])) ==
		        0)
			return i;
	return -1;
}

/* A password is all the rest of the line. */
static int
take_option(struct bytes *rest, struct bytes value[OPTIONS], char const **why)
{
	int option = find_option(*rest);
	if (option == PASSWORD) {
		value[PASSWORD] = *rest;
		rest->len = 0;
	} else {
		struct bytes word = bytes_take_word(rest);
		*why = "is no option: tls=, name=, auth=, user=, password=";
		if (option < 0)
			return 0;
		value[option] = word;
	}
	size_t skip = strlen(option_names[option]);
	value[option].s += skip;
	value[option].len -= skip;
	*why = check((enum option)option, value[option]);
	return *why == NULL;
}

/* A domain, ".domain" for all below it, "*" for all others, or an address in
 * brackets. */
static bool
is_destination(struct bytes key)
{
	struct next_hop hop;
	if (bytes_are(key, "*"))
		return true;
	if (key.len && *key.s == '.') {
		key.s++;
		key.len--;
	}
	return bytes_are_domain(key) ||
	    (next_hop_parse(key.s, key.len, &hop) && hop.address && !hop.port);
}

/* hop, level, certificate's name, auth, login, password, between TABs. */
static int
put_value(stralloc *sa, struct bytes hop, struct bytes const value[OPTIONS])
{
	int ok = stralloc_copyb(sa, hop.s, hop.len);
	for (int i = 0; ok && i < OPTIONS; i++)
		ok = stralloc_append(sa, '\t') &&
		    stralloc_catb(sa, value[i].s, value[i].len);
	return ok;
}

enum entry_result
entry_route(char const *s, size_t len, struct entry *e)
{
	struct next_hop parsed;
	struct bytes rest = { s, len }, value[OPTIONS];
	struct bytes key = bytes_take_word(&rest);
	struct bytes hop = bytes_take_word(&rest);
	char const *why;
	for (int i = 0; i < OPTIONS; i++)
		value[i] = (struct bytes){ "", 0 };
	if (!is_destination(key))
		return entry_wrong(e, "is no domain, .domain or *", key);
	if (!bytes_are(hop, "-") && !next_hop_parse(hop.s, hop.len, &parsed))
		return entry_wrong(e,
		    "write \"DOMAIN [HOST]:PORT OPTIONS\", or - for the "
		    "domain's own servers",
		    key);
	while (rest.len)
		if (!take_option(&rest, value, &why))
			return entry_wrong(e, why, key);
	if (!value[USER].len != !value[PASSWORD].len)
		return entry_wrong(e, "user= and password= go together", key);
	e->key.len = 0;
	return bytes_fold_domain(&e->key, key) &&
	        put_value(&e->value, hop, value)
	    ? ENTRY_GOOD
	    : ENTRY_MEMORY;
}
