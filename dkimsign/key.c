/* SPDX-License-Identifier: ISC */
#include "key.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "log.h"
#include "map.h"
#include "path.h"
#include "pem.h"

static bool
take_text(stralloc *sa, char const *s, size_t len)
{
	if (!len || memchr(s, 0, len) || !stralloc_copyb(sa, s, len) ||
	    !stralloc_0(sa))
		return false;
	sa->len--;
	return true;
}

/* DOMAIN TAB SELECTOR TAB KEYFILE; a domain of "%" is the sender's own, as in
 * OpenDKIM's tables; a relative file lies below BESACE_ETC. */
static bool
parse_entry(stralloc const *value, char const *sender, size_t sender_len,
    struct key_entry *e)
{
	char const *end = value->s + value->len;
	char const *tab = memchr(value->s, '\t', value->len);
	char const *tab2 =
	    tab ? memchr(tab + 1, '\t', (size_t)(end - tab - 1)) : NULL;
	if (!tab2)
		return false;
	bool own = tab - value->s == 1 && *value->s == '%';
	stralloc name = STRALLOC_ZERO;
	bool ok = take_text(&e->domain, own ? sender : value->s,
	              own ? sender_len : (size_t)(tab - value->s)) &&
	    take_text(&e->selector, tab + 1, (size_t)(tab2 - tab - 1)) &&
	    take_text(&name, tab2 + 1, (size_t)(end - tab2 - 1)) &&
	    (name.s[0] == '/' ? take_text(&e->file, name.s, name.len)
	                      : path_join(&e->file, path_etc(), name.s));
	stralloc_free(&name);
	return ok;
}

static int
find_in(struct map *map, char const *domain, size_t len, stralloc *value)
{
	int r = map_get(map, domain, len, value);
	stralloc key = STRALLOC_ZERO;
	for (size_t i = 0; r == 0 && i < len; i++) {
		if (domain[i] != '.')
			continue;
		if (!stralloc_copys(&key, "*") ||
		    !stralloc_catb(&key, domain + i, len - i))
			r = -1;
		else
			r = map_get(map, key.s, key.len, value);
	}
	stralloc_free(&key);
	return r ? r : map_get(map, "*", 1, value);
}

int
key_find(char const *domain, size_t len, struct key_entry *e)
{
	struct map *map = map_open_logged("dkim");
	if (!map)
		return -1;
	stralloc value = STRALLOC_ZERO;
	int r = find_in(map, domain, len, &value);
	if (r < 0)
		log_error("unable to read", "dkim.cdb", errno);
	map_close(map);
	if (r > 0 && !parse_entry(&value, domain, len, e)) {
		log_error("bad entry in", "dkim.cdb", 0);
		r = -1;
	}
	stralloc_free(&value);
	return r;
}

EVP_PKEY *
key_read(char const *file)
{
	char const *why;
	EVP_PKEY *key = pem_read_dkim_key(file, &why);
	if (!key)
		log_event("error", "what", "unusable key", "object", file,
		    "reason", why, (char *)NULL);
	return key;
}

char const *
key_algorithm(EVP_PKEY *key)
{
	return EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 ? "ed25519-sha256"
	                                                : "rsa-sha256";
}
