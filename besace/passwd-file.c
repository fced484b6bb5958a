/* SPDX-License-Identifier: ISC */
/* Dovecot's passwd-file: user:{SCHEME}hash:uid:gid:gecos:home:shell:extra.
 * Extra fields are separated by spaces; ours are label= (which of several
 * passwords of one login this is) and scope= (services it opens, with commas).
 * Those that would narrow a login are refused rather than ignored. */
#include "entry.h"

#include <stdbool.h>
#include <string.h>

#include "address.h"
#include "auth.h"
#include "password.h"

enum { FIELD_USER, FIELD_HASH, FIELD_EXTRA = 7, FIELDS };

/* The last field keeps its colons. */
static void
split(char const *s, size_t len, struct bytes field[FIELDS])
{
	struct bytes rest = { s, len };
	for (size_t i = 0; i < FIELD_EXTRA; i++)
		field[i] = bytes_take_until(&rest, ':');
	field[FIELD_EXTRA] = rest;
}

static enum entry_result
fold_user(struct bytes user, struct entry *e)
{
	if (!user.len || user.len > AUTH_LOGIN_MAX)
		return entry_wrong(e,
		    "the login is missing or too long: write "
		    "\"LOGIN:{SCHEME}HASH\"",
		    user);
	if (bytes_have_control(user) || memchr(user.s, ' ', user.len))
		return entry_wrong(e, "a blank or control character is in it",
		    user);
	e->key.len = 0;
	return address_login_key(user.s, user.len, &e->key) ? ENTRY_GOOD
	                                                    : ENTRY_MEMORY;
}

static bool
starts(struct bytes b, char const *prefix)
{
	size_t len = strlen(prefix);
	return b.len >= len && memcmp(b.s, prefix, len) == 0;
}

static bool
is_service(struct bytes b)
{
	static char const *const services[] = { "imap", "smtp", "sieve" };
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (b.len == strlen(services[i]) && starts(b, services[i]))
			return true;
	return false;
}

static bool
is_scope(struct bytes scope)
{
	do {
		if (!is_service(bytes_take_until(&scope, ',')))
			return false;
	} while (scope.len);
	return true;
}

struct extras {
	struct bytes label;
	struct bytes scope;
	struct bytes unknown;
};

static enum entry_result
read_extra(struct bytes word, struct extras *x, struct entry *e)
{
	struct bytes value = { word.s + 6, word.len - 6 };
	if (starts(word, "label=")) {
		x->label = value;
		return ENTRY_GOOD;
	}
	if (starts(word, "scope=")) {
		if (!is_scope(value))
			return entry_wrong(e,
			    "a scope is a list of imap, smtp, sieve, with "
			    "commas",
			    word);
		x->scope = value;
		return ENTRY_GOOD;
	}
	if (starts(word, "nologin") || starts(word, "allow_nets=") ||
	    starts(word, "allow_real_nets="))
		return entry_wrong(e,
		    "cannot be kept, and without it the login would be open "
		    "to more: remove the field or the line",
		    word);
	if (!starts(word, "userdb_"))
		x->unknown = word;
	return ENTRY_GOOD;
}

static enum entry_result
read_extras(struct bytes extra, struct extras *x, struct entry *e)
{
	enum entry_result r = ENTRY_GOOD;
	memset(x, 0, sizeof *x);
	while (r == ENTRY_GOOD && extra.len) {
		struct bytes word = bytes_take_until(&extra, ' ');
		if (bytes_have_control(word))
			return entry_wrong(e, "a control character is in it",
			    word);
		if (word.len)
			r = read_extra(word, x, e);
	}
	return r;
}

static enum entry_result
put_value(struct bytes hash, struct extras const *x, struct entry *e)
{
	return stralloc_copyb(&e->value, hash.s, hash.len) &&
	        stralloc_append(&e->value, '\t') &&
	        stralloc_catb(&e->value, x->label.s ? x->label.s : "",
	            x->label.len) &&
	        stralloc_append(&e->value, '\t') &&
	        stralloc_catb(&e->value, x->scope.s ? x->scope.s : "",
	            x->scope.len)
	    ? ENTRY_GOOD
	    : ENTRY_MEMORY;
}

enum entry_result
entry_password(char const *s, size_t len, struct entry *e)
{
	struct bytes field[FIELDS];
	struct extras extras;
	char const *why;
	split(s, len, field);
	struct bytes user = field[FIELD_USER], hash = field[FIELD_HASH];
	enum entry_result r = fold_user(user, e);
	if (r == ENTRY_GOOD)
		r = read_extras(field[FIELD_EXTRA], &extras, e);
	if (r != ENTRY_GOOD)
		return r;
	if (!hash.len)
		return entry_wrong(e,
		    "has no password hash: \"besace user passwd\" makes one",
		    user);
	if (bytes_have_control(hash))
		return entry_wrong(e, "a control character is in the hash",
		    user);
	r = put_value(hash, &extras, e);
	if (r == ENTRY_GOOD && !password_usable(hash.s, hash.len, &why))
		return entry_say(e, ENTRY_DOUBTFUL, why, user);
	if (r == ENTRY_GOOD && extras.unknown.len)
		return entry_say(e, ENTRY_DOUBTFUL,
		    "is not a field of ours and is ignored", extras.unknown);
	return r;
}
