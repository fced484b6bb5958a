/* SPDX-License-Identifier: ISC */
#include "auth.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "address.h"
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
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)login[i];
		if (c < 0x20 || c == 0x7f)
			return 0;
	}
	return address_login_key(login, len, key) ? 1 : -1;
}

/* Every entry is tried, whatever the ones before said, so that the time does
 * not tell which one it was. KNOWN: the login is of the table. */
static int
try_entries(stralloc const *value, char const *service, bool known,
    char const *password, size_t len, struct auth_verdict *v)
{
	struct auth_entry e;
	v->result = AUTH_WRONG;
	v->reason = known ? "wrong password" : "unknown user";
	for (size_t pos = 0; auth_next_entry(value->s, value->len, &pos, &e);) {
		char const *why;
		if (known && !password_usable(e.hash, e.hash_len, &why))
			log_event("password-unusable", "user", v->user.s,
			    "reason", why, (char *)NULL);
		if (!password_verify(e.hash, e.hash_len, password, len) ||
		    !known)
			continue;
		if (!auth_entry_allows(&e, service)) {
			if (v->result != AUTH_OK)
				v->reason = "password is not for this service";
			continue;
		}
		v->result = AUTH_OK;
		v->reason = NULL;
		if (!stralloc_copyb(&v->label, e.label, e.label_len) ||
		    !stralloc_0(&v->label))
			return 0;
		v->label.len--;
	}
	return 1;
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

/* V->user is NUL-terminated, the NUL not counted. */
static void
check_in(struct map *map, char const *service, char const *password, size_t len,
    struct auth_verdict *v)
{
	stralloc value = STRALLOC_ZERO;
	int found = map_get(map, v->user.s, v->user.len, &value);
	bool known = found > 0;
	if (found == 0)
		found = stand_in(map, &value);
	if (found > 0 && !try_entries(&value, service, known, password, len, v))
		found = -1;
	if (found < 0) {
		log_error("look up login", "passwords.cdb", errno);
		v->result = AUTH_FAILED;
		v->reason = "passwords.cdb cannot be read";
	}
	stralloc_free(&value);
}

static bool
is_password(char const *password, size_t len)
{
	return len && len <= PASSWORD_MAX && !memchr(password, 0, len);
}

/* The cases that need no table; V->user becomes the login. */
static bool
may_be_right(char const *login, size_t login_len, char const *password,
    size_t password_len, struct auth_verdict *v)
{
	int valid = fold_login(login, login_len, &v->user);
	v->result = AUTH_WRONG;
	v->label.len = 0;
	v->reason = "malformed user name or response";
	if (valid > 0 && is_password(password, password_len)) {
		if (stralloc_0(&v->user)) {
			v->user.len--;
			return true;
		}
		valid = -1;
	}
	if (valid < 0) {
		v->result = AUTH_FAILED;
		v->reason = "no memory";
	}
	return false;
}

enum auth_result
auth_check(char const *service, char const *login, size_t login_len,
    char const *password, size_t password_len, struct auth_verdict *v)
{
	if (may_be_right(login, login_len, password, password_len, v)) {
		struct map *map = map_open_logged("passwords");
		v->result = AUTH_FAILED;
		v->reason = "passwords.cdb cannot be read";
		if (map)
			check_in(map, service, password, password_len, v);
		map_close(map);
	}
	if (v->result != AUTH_OK)
		v->user.len = v->label.len = 0;
	return v->result;
}

void
auth_verdict_free(struct auth_verdict *v)
{
	stralloc_free(&v->user);
	stralloc_free(&v->label);
}
