/* SPDX-License-Identifier: ISC */
/* OpenDKIM's tables, opendkim.conf(5): KeyTable "name domain:selector:file",
 * SigningTable "pattern name", TrustedHosts "host". */
#include "entry.h"

#include <string.h>

#include "host-list.h"

/* The two words of an entry; nothing may follow. */
static bool
two_words(char const *s, size_t len, struct bytes *first, struct bytes *second)
{
	struct bytes rest = { s, len };
	*first = bytes_take_word(&rest);
	*second = bytes_take_word(&rest);
	return first->len && second->len && !rest.len;
}

enum entry_result
entry_dkim_key(char const *s, size_t len, struct entry *e)
{
	struct bytes name, rest;
	if (!two_words(s, len, &name, &rest))
		return entry_wrong(e, "write \"NAME DOMAIN:SELECTOR:KEYFILE\"",
		    (struct bytes){ s, len });
	struct bytes whole = rest;
	struct bytes domain = bytes_take_until(&rest, ':');
	struct bytes selector = bytes_take_until(&rest, ':');
	if (!rest.len || bytes_have_control(whole) || bytes_have_control(name))
		return entry_wrong(e, "write \"NAME DOMAIN:SELECTOR:KEYFILE\"",
		    whole);
	if (!(domain.len == 1 && domain.s[0] == '%') &&
	    !bytes_are_domain(domain))
		return entry_wrong(e,
		    "is not a domain name (% is the sender's own)", domain);
	if (!bytes_are_domain(selector))
		return entry_wrong(e, "is not a selector", selector);
	e->value.len = 0;
	return stralloc_copyb(&e->key, name.s, name.len) &&
	        bytes_fold_domain(&e->value, domain) &&
	        stralloc_append(&e->value, '\t') &&
	        stralloc_catb(&e->value, selector.s, selector.len) &&
	        stralloc_append(&e->value, '\t') &&
	        stralloc_catb(&e->value, rest.s, rest.len)
	    ? ENTRY_GOOD
	    : ENTRY_MEMORY;
}

/* "domain", "*@domain" and "@domain" are one; ".domain" and "*@*.domain" mean
 * what lies below it; "*" is every sender. */
enum entry_result
entry_dkim_signing(char const *s, size_t len, struct entry *e)
{
	struct bytes pattern, name;
	if (!two_words(s, len, &pattern, &name))
		return entry_wrong(e, "write \"*@DOMAIN KEYNAME\"",
		    (struct bytes){ s, len });
	struct bytes domain = pattern;
	char const *at = memchr(pattern.s, '@', pattern.len);
	if (at) {
		if (at - pattern.s > 1 ||
		    (at - pattern.s == 1 && *pattern.s != '*'))
			return entry_wrong(e,
			    "keys are chosen by domain, not by address: write "
			    "\"*@DOMAIN\"",
			    pattern);
		domain.s = at + 1;
		domain.len = pattern.len - (size_t)(domain.s - pattern.s);
	}
	bool below = domain.len > 1 && domain.s[0] == '.';
	struct bytes bare = domain;
	size_t skip = below                                    ? 1
	    : domain.len > 2 && memcmp(domain.s, "*.", 2) == 0 ? 2
	                                                       : 0;
	bare.s += skip;
	bare.len -= skip;
	bool all = bare.len == 1 && bare.s[0] == '*';
	if (bytes_have_control(name) || (!all && !bytes_are_domain(bare)))
		return entry_wrong(e, "is not a domain name or *@DOMAIN",
		    pattern);
	if (!stralloc_copys(&e->key, below ? "*" : "") ||
	    !bytes_fold_domain(&e->key, domain) ||
	    !stralloc_copyb(&e->value, name.s, name.len))
		return ENTRY_MEMORY;
	return ENTRY_GOOD;
}

enum entry_result
entry_trusted_host(char const *s, size_t len, struct entry *e)
{
	struct bytes host = { s, len };
	if (!host_entry_valid(s, len))
		return entry_wrong(e,
		    "is neither an address or network, as 192.0.2.0/24, nor a "
		    "host name",
		    host);
	e->key.len = e->value.len = 0;
	return bytes_fold(&e->key, host) ? ENTRY_GOOD : ENTRY_MEMORY;
}
