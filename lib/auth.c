/* SPDX-License-Identifier: ISC */
#include "auth.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "log.h"
#include "map.h"
#include "password.h"

/* What an unknown login is checked against while the table has no entry: made
 * by the default scheme of a random password. */
static char const nobody[] = "{CRYPT}$y$j9T$LoKoCtK5AGtKRJgh4E0/U1$"
                             "JYxdY.xgDpylkws/kfJSF.FMWzh.2iOlhhTPTn4k.8.";

/* What stands before the next tab, which is taken too. */
static void
take_field(char const **s, size_t *n, char const **field, size_t *len)
{
	char const *tab = memchr(*s, '\t', *n);
	*field = *s;
	*len = tab ? (size_t)(tab - *s) : *n;
	size_t used = tab ? *len + 1 : *n;
	*s += used;
	*n -= used;
}

int
auth_next_entry(char const *value, size_t len, size_t *pos,
    struct auth_entry *e)
{
	if (*pos >= len)
		return 0;
	char const *s = value + *pos;
	char const *end = memchr(s, '\n', len - *pos);
	size_t n = end ? (size_t)(end - s) : len - *pos;
	*pos += end ? n + 1 : n;
	take_field(&s, &n, &e->hash, &e->hash_len);
	take_field(&s, &n, &e->label, &e->label_len);
	e->scope = s;
	e->scope_len = n;
	return 1;
}

int
auth_entry_allows(struct auth_entry const *e, char const *service)
{
	size_t len = strlen(service);
	char const *s = e->scope, *end = e->scope + e->scope_len;
	if (!e->scope_len)
		return 1;
	while (s < end) {
		char const *comma = memchr(s, ',', (size_t)(end - s));
		char const *stop = comma ? comma : end;
		if ((size_t)(stop - s) == len && memcmp(s, service, len) == 0)
			return 1;
		s = stop + 1;
	}
	return 0;
}

/* *KEY becomes the login as it stands in the table. 1; 0 when it cannot stand
 * there; -1 out of memory. */
static int
fold_login(char const *login, size_t len, stralloc *key)
{
	key->len = 0;
	if (!len || len > AUTH_LOGIN_MAX)
		return 0;
	if (!stralloc_copyb(key, login, len))
		return -1;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)login[i];
		if (c < 0x20 || c == 0x7f)
			return 0;
		if (c >= 'A' && c <= 'Z')
			key->s[i] = (char)(c - 'A' + 'a');
	}
	return 1;
}

/* Every entry is tried, whatever the ones before said, so that the time does
 * not tell which one it was. */
static bool
try_entries(stralloc const *value, char const *service, char const *login,
    char const *password, size_t len)
{
	struct auth_entry e;
	bool ok = false;
	for (size_t pos = 0; auth_next_entry(value->s, value->len, &pos, &e);) {
		char const *why;
		if (login && !password_usable(e.hash, e.hash_len, &why))
			log_event("password-unusable", "user", login, "reason",
			    why, (char *)NULL);
		bool right = password_verify(e.hash, e.hash_len, password, len);
		ok |= right && auth_entry_allows(&e, service);
	}
	return ok;
}

/* An unknown login does the work of the table's first one. */
static int
stand_in(struct map *map, stralloc *value)
{
	stralloc key = STRALLOC_ZERO;
	unsigned int pos = 0;
	int r = map_next(map, &pos, &key, value);
	stralloc_free(&key);
	if (r == 0)
		r = stralloc_copyb(value, nobody, sizeof nobody - 1) ? 1 : -1;
	return r;
}

/* KEY is NUL-terminated, the NUL not counted. */
static enum auth_result
check_in(struct map *map, char const *service, stralloc const *key,
    char const *password, size_t len)
{
	stralloc value = STRALLOC_ZERO;
	bool right = false;
	int found = map_get(map, key->s, key->len, &value);
	bool known = found > 0;
	if (found == 0)
		found = stand_in(map, &value);
	if (found > 0)
		right = try_entries(&value, service, known ? key->s : NULL,
		    password, len);
	else
		log_error("look up login", "passwords.cdb", errno);
	stralloc_free(&value);
	if (found <= 0)
		return AUTH_FAILED;
	return known && right ? AUTH_OK : AUTH_WRONG;
}

enum auth_result
auth_check(char const *service, char const *login, size_t login_len,
    char const *password, size_t password_len, stralloc *user)
{
	int valid = fold_login(login, login_len, user);
	enum auth_result result = valid < 0 ? AUTH_FAILED : AUTH_WRONG;
	if (valid > 0 && password_len && password_len <= PASSWORD_MAX &&
	    !memchr(password, 0, password_len)) {
		struct map *map = map_open_logged("passwords");
		result = AUTH_FAILED;
		if (map && stralloc_0(user)) {
			user->len--;
			result = check_in(map, service, user, password,
			    password_len);
		}
		map_close(map);
	}
	if (result != AUTH_OK)
		user->len = 0;
	return result;
}
