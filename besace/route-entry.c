/* SPDX-License-Identifier: ISC */
/* Ways to other servers: "example.net [smtp.example.net]:587 tls=verify
 * user=alice password=secret". "from:alice@example.test" in front: by sender.
 * Without a place behind it, the key is a next hop that the options are for. */
#include "entry.h"

#include <string.h>

#include "address.h"
#include "next-hop.h"
#include "routes.h"
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

/* Its name; nothing without an equals sign, as the word may be a secret. */
static struct bytes
option_name(struct bytes word)
{
	char const *equals = memchr(word.s, '=', word.len);
	word.len = equals ? (size_t)(equals - word.s) : 0;
	return word;
}

/* A password is all the rest of the line. */
static int
take_option(struct bytes *rest, struct bytes value[OPTIONS],
    struct bytes *about, char const **why)
{
	int option = find_option(*rest);
	if (option == PASSWORD) {
		*about = option_name(*rest);
		value[PASSWORD] = *rest;
		rest->len = 0;
	} else {
		struct bytes word = bytes_take_word(rest);
		*about = option_name(word);
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

/* --- keys ------------------------------------------------------------------- */

static bool
skip(struct bytes *b, char const *prefix)
{
	size_t n = strlen(prefix);
	if (b->len < n || memcmp(b->s, prefix, n) != 0)
		return false;
	b->s += n;
	b->len -= n;
	return true;
}

/* A domain, or ".domain" for all below it. 1, 0 it is none, -1 no memory. */
static int
put_domain(stralloc *key, struct bytes b)
{
	struct bytes name = b;
	skip(&name, ".");
	if (!bytes_are_domain(name))
		return 0;
	return bytes_fold_domain(key, b) ? 1 : -1;
}

/* "*" for all others, or an address in brackets. */
static int
put_recipient(stralloc *key, struct bytes b)
{
	struct next_hop hop;
	char text[NEXT_HOP_TEXT_MAX];
	if (bytes_are(b, "*"))
		return stralloc_cats(key, "*") ? 1 : -1;
	if (!next_hop_parse(b.s, b.len, &hop) || !hop.address || hop.port)
		return put_domain(key, b);
	next_hop_format(&hop, text);
	return stralloc_cats(key, text) ? 1 : -1;
}

/* An address, <>, a domain or ".domain". */
static int
put_sender(stralloc *key, struct bytes b)
{
	struct address a;
	if (!stralloc_cats(key, ROUTES_SENDER))
		return -1;
	if (bytes_are(b, "<>"))
		return stralloc_cats(key, "<>") ? 1 : -1;
	if (address_parse(b.s, b.len, &a))
		return address_key(&a, key) ? 1 : -1;
	return put_domain(key, b);
}

static int
put_next_hop(stralloc *key, struct bytes b)
{
	struct next_hop hop;
	char text[NEXT_HOP_TEXT_MAX];
	if (!next_hop_parse(b.s, b.len, &hop))
		return 0;
	next_hop_format(&hop, text);
	return stralloc_cats(key, ROUTES_NEXT_HOP) && stralloc_cats(key, text)
	    ? 1
	    : -1;
}

/* --- lines ------------------------------------------------------------------ */

enum kind { RECIPIENT, SENDER, NEXT_HOP };

struct line {
	enum kind kind;
	struct bytes key;
	struct bytes hop;
	struct bytes value[OPTIONS];
	struct bytes about; /* what is wrong, nothing for the key */
};

/* Lines of Postfix's tables of logins and of senders are what is likely here. */
static char const *
not_a_key(struct line const *l)
{
	struct next_hop hop;
	if (l->kind == SENDER)
		return "is no sender: from:ADDRESS, from:DOMAIN, from:.DOMAIN "
		       "or from:<>";
	if (l->kind == NEXT_HOP)
		return "is no next hop: without a place behind it, write "
		       "\"[HOST]:PORT OPTIONS\"";
	if (next_hop_parse(l->key.s, l->key.len, &hop))
		return "is no domain; who logs in at this server is written "
		       "\"[HOST]:PORT user=LOGIN password=SECRET\"";
	if (memchr(l->key.s, '@', l->key.len))
		return "is no domain; write from:ADDRESS or from:DOMAIN for "
		       "mail of a sender";
	return "is no domain, .domain, * or from:SENDER";
}

static int
put_key(stralloc *sa, struct line const *l)
{
	sa->len = 0;
	return l->kind == SENDER  ? put_sender(sa, l->key)
	    : l->kind == NEXT_HOP ? put_next_hop(sa, l->key)
	                          : put_recipient(sa, l->key);
}

/* NULL, or what is wrong with what goes together. */
static char const *
check_together(struct line const *l)
{
	struct next_hop hop;
	bool own = l->kind != NEXT_HOP && bytes_are(l->hop, "-");
	struct bytes place = l->kind == NEXT_HOP ? l->key : l->hop;
	if (!own && !next_hop_parse(place.s, place.len, &hop))
		return "write \"DOMAIN [HOST]:PORT OPTIONS\", the port in "
		       "digits, an address in brackets too, or - for the "
		       "domain's own servers";
	if (!l->value[USER].len != !l->value[PASSWORD].len)
		return "user= and password= go together";
	if (own && l->value[USER].len &&
	    (l->kind == SENDER || *l->key.s == '*' || *l->key.s == '.'))
		return "user= is for one server: this would send the password "
		       "to many";
	if (!own && hop.smtps && bytes_are(l->value[LEVEL], "none"))
		return "tls=none does not go with smtps: or port 465";
	return NULL;
}

/* hop, level, certificate's name, auth, login, password, between TABs; of a next
 * hop without the first. */
static int
put_value(stralloc *sa, struct line const *l)
{
	int ok = l->kind == NEXT_HOP ||
	    (stralloc_catb(sa, l->hop.s, l->hop.len) &&
	        stralloc_append(sa, '\t'));
	for (int i = 0; ok && i < OPTIONS; i++)
		ok = (i == 0 || stralloc_append(sa, '\t')) &&
		    stralloc_catb(sa, l->value[i].s, l->value[i].len);
	return ok;
}

/* NULL, or what is wrong with it. */
static char const *
read_line(struct bytes rest, struct line *l)
{
	char const *why = NULL;
	struct bytes after;
	for (int i = 0; i < OPTIONS; i++)
		l->value[i] = (struct bytes){ "", 0 };
	l->about = (struct bytes){ "", 0 };
	l->key = bytes_take_word(&rest);
	after = rest;
	l->hop = bytes_take_word(&after);
	l->kind = skip(&l->key, ROUTES_SENDER)     ? SENDER
	    : rest.len && find_option(l->hop) >= 0 ? NEXT_HOP
	                                           : RECIPIENT;
	if (l->kind != NEXT_HOP)
		rest = after;
	while (rest.len)
		if (!take_option(&rest, l->value, &l->about, &why))
			return why;
	return NULL;
}

enum entry_result
entry_route(char const *s, size_t len, struct entry *e)
{
	struct line l;
	char const *why = read_line((struct bytes){ s, len }, &l);
	int ok = put_key(&e->key, &l);
	if (ok == 0)
		return entry_wrong(e, not_a_key(&l), l.key);
	if (!why)
		why = check_together(&l);
	else if (l.about.len)
		l.key = l.about;
	if (why)
		return entry_wrong(e, why, l.key);
	return ok > 0 && put_value(&e->value, &l) ? ENTRY_GOOD : ENTRY_MEMORY;
}
