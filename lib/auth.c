/* SPDX-License-Identifier: ISC */
#include "auth.h"

#include <errno.h>
#include <string.h>

#include "address.h"
#include "log.h"
#include "map.h"
#include "password.h"

/* What an unknown login is checked against while the table has no entry: made
 * by the default scheme of a random password. */
static char const nobody[] = "{CRYPT}$y$j9T$LoKoCtK5AGtKRJgh4E0/U1$"
                             "JYxdY.xgDpylkws/kfJSF.FMWzh.2iOlhhTPTn4k.8.";

static char const no_table[] = "passwords.cdb cannot be read";

/* --- entries -------------------------------------------------------------- */

int
auth_next_entry(char const *value, size_t len, size_t *pos,
    struct auth_entry *e)
{
	if (*pos >= len)
		return 0;
	struct bytes rest = { value + *pos, len - *pos };
	struct bytes line = bytes_take_until(&rest, '\n');
	*pos = len - rest.len;
	e->hash = bytes_take_until(&line, '\t');
	e->label = bytes_take_until(&line, '\t');
	e->scope = line;
	return 1;
}

int
auth_entry_allows(struct auth_entry const *e, char const *service)
{
	struct bytes rest = e->scope;
	if (!rest.len)
		return 1;
	while (rest.len)
		if (bytes_are(bytes_take_until(&rest, ','), service))
			return 1;
	return 0;
}

int
auth_fold(struct bytes login, stralloc *key)
{
	key->len = 0;
	if (!login.len || login.len > AUTH_LOGIN_MAX)
		return 0;
	for (size_t i = 0; i < login.len; i++) {
		unsigned char c = (unsigned char)login.s[i];
		if (c < 0x20 || c == 0x7f)
			return 0;
	}
	if (!address_login_key(login.s, login.len, key) || !stralloc_0(key))
		return -1;
	key->len--;
	return 1;
}

/* --- the verdict ---------------------------------------------------------- */

enum auth_result
auth_settle(struct auth_verdict *v, enum auth_result result, char const *reason)
{
	v->reason = reason;
	return v->result = result;
}

void
auth_verdict_free(struct auth_verdict *v)
{
	stralloc_free(&v->user);
	stralloc_free(&v->label);
}

static int
take_label(struct auth_verdict *v, struct bytes label)
{
	if (!stralloc_copyb(&v->label, label.s, label.len) ||
	    !stralloc_0(&v->label))
		return 0;
	v->label.len--;
	return 1;
}

/* One entry of a known login. 1, or 0 out of memory. */
static int
judge(struct auth_entry const *e, char const *service, bool fits,
    struct auth_verdict *v)
{
	char const *why;
	if (!password_usable(e->hash.s, e->hash.len, &why))
		log_event("password-unusable", "user", v->user.s, "reason", why,
		    (char *)NULL);
	if (!fits || v->result == AUTH_OK)
		return 1;
	if (!auth_entry_allows(e, service)) {
		v->reason = "password is not for this service";
		return 1;
	}
	auth_settle(v, AUTH_OK, NULL);
	return take_label(v, e->label);
}

/* Every entry is tried, whatever the ones before said, so that the time does
 * not tell which one it was. */
static int
try_entries(stralloc const *value, char const *service, bool known,
    auth_proof *proof, void *arg, struct auth_verdict *v)
{
	struct auth_entry e;
	auth_settle(v, AUTH_WRONG, known ? "wrong password" : "unknown user");
	for (size_t pos = 0; auth_next_entry(value->s, value->len, &pos, &e);) {
		bool fits = proof(arg, e.hash);
		if (known && !judge(&e, service, fits, v))
			return 0;
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

static void
verify_in(struct map *map, char const *service, auth_proof *proof, void *arg,
    struct auth_verdict *v)
{
	stralloc value = STRALLOC_ZERO;
	int found = map_get(map, v->user.s, v->user.len, &value);
	bool known = found > 0;
	if (found == 0)
		found = stand_in(map, &value);
	if (found > 0 && !try_entries(&value, service, known, proof, arg, v))
		found = -1;
	if (found < 0) {
		log_error("look up login", "passwords.cdb", errno);
		auth_settle(v, AUTH_FAILED, no_table);
	}
	stralloc_free(&value);
}

enum auth_result
auth_verify(char const *service, struct bytes login, auth_proof *proof,
    void *arg, struct auth_verdict *v)
{
	int valid = auth_fold(login, &v->user);
	v->label.len = 0;
	auth_settle(v, AUTH_WRONG, "malformed user name");
	if (valid < 0)
		auth_settle(v, AUTH_FAILED, "no memory");
	if (valid > 0) {
		struct map *map = map_open_logged("passwords");
		auth_settle(v, AUTH_FAILED, no_table);
		if (map)
			verify_in(map, service, proof, arg, v);
		map_close(map);
	}
	if (v->result != AUTH_OK)
		v->user.len = v->label.len = 0;
	return v->result;
}

/* --- a password as it is -------------------------------------------------- */

static bool
password_fits(void *arg, struct bytes hash)
{
	struct bytes const *password = arg;
	return password_verify(hash.s, hash.len, password->s, password->len);
}

enum auth_result
auth_check(char const *service, struct bytes login, struct bytes password,
    struct auth_verdict *v)
{
	if (password.len && password.len <= PASSWORD_MAX &&
	    !memchr(password.s, 0, password.len))
		return auth_verify(service, login, password_fits, &password, v);
	v->user.len = v->label.len = 0;
	return auth_settle(v, AUTH_WRONG, "malformed password");
}
