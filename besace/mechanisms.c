/* SPDX-License-Identifier: ISC */
#include "mechanisms.h"

#include <stdio.h>

#include "auth.h"
#include "auth-mechanisms.h"
#include "map.h"
#include "password.h"
#include "sasl-set.h"

enum { SAMPLE = 16 };

/* What a client with this login is shown by SCRAM. */
struct login_salt {
	bool known;
	struct scram_secret secret;
};

struct survey {
	sasl_set possible;
	size_t logins;   /* that SCRAM can do something with */
	size_t interval; /* one in so many is in the sample */
	size_t sampled;
	stralloc sample;
};

/* Who cannot log in at all does not count. All SCRAM secrets of a login must
 * have one salt, as the client is shown one before it says which of the
 * passwords it has. */
static void
look_at(struct survey *v, struct bytes hash, struct login_salt *salt)
{
	char const *why;
	struct cram_md5_secret cram;
	struct scram_secret scram;
	struct bytes plain;
	if (!password_usable(hash.s, hash.len, &why) ||
	    password_plain(hash.s, hash.len, &plain))
		return;
	if (!password_cram_md5(hash.s, hash.len, &cram))
		v->possible &= ~((sasl_set)1 << SASL_CRAM_MD5);
	if (!password_scram(hash.s, hash.len, &scram) ||
	    (salt->known && !scram_same_salt(&salt->secret, &scram))) {
		v->possible &= ~((sasl_set)1 << SASL_SCRAM_SHA_256);
		return;
	}
	salt->known = true;
	salt->secret = scram;
}

static int
add_to_sample(struct survey *v, struct login_salt const *salt)
{
	char kind[32];
	if (v->logins++ % v->interval || v->sampled == SAMPLE)
		return 1;
	snprintf(kind, sizeof kind, "%s%u/%zu", v->sampled ? " " : "",
	    salt->known ? (unsigned)salt->secret.rounds : SCRAM_ROUNDS,
	    salt->known ? salt->secret.salt_len : (size_t)SCRAM_SALT);
	v->sampled++;
	return stralloc_cats(&v->sample, kind);
}

/* All passwords of the login at *I, which is moved to the next. */
static int
survey_login(struct survey *v, struct table const *t, size_t *i)
{
	struct record const *first = table_at(t, *i);
	struct login_salt salt = { .known = false };
	for (; *i < table_count(t); (*i)++) {
		struct record const *r = table_at(t, *i);
		struct auth_entry e;
		size_t pos = 0;
		if (!table_same_key(t, first, r))
			break;
		if (auth_next_entry(table_value(t, r), r->value_len, &pos, &e))
			look_at(v, e.hash, &salt);
	}
	return add_to_sample(v, &salt);
}

struct mechanisms_noted
mechanisms_noted(void)
{
	struct mechanisms_noted n = { false, 0 };
	stralloc names = STRALLOC_ZERO;
	struct map *map = map_open("passwords");
	n.known = map && map_note(map, AUTH_NOTE_MECHANISMS, &names) > 0 &&
	    sasl_parse_set(names.s ? names.s : "", names.len, &n.set);
	map_close(map);
	stralloc_free(&names);
	return n;
}

void
mechanisms_tell(struct mechanisms_noted before, sasl_set wanted)
{
	struct mechanisms_noted now = mechanisms_noted();
	for (int m = 0; before.known && now.known && m < SASL_MECHANISMS; m++) {
		if (!(wanted & (before.set ^ now.set) & (sasl_set)1 << m))
			continue;
		if (now.set >> m & 1)
			printf("%s is offered now: every password can do it\n",
			    sasl_name((enum sasl_mechanism)m));
		else
			fprintf(stderr,
			    "besace: %s is not offered any more: not every "
			    "password can do it\n",
			    sasl_name((enum sasl_mechanism)m));
	}
}

int
mechanisms_note(struct table const *passwords, struct map_writer *w)
{
	struct survey v = { .possible = (sasl_set)1 << SASL_CRAM_MD5 |
		    (sasl_set)1 << SASL_SCRAM_SHA_256,
		.interval = 1 + table_count(passwords) / SAMPLE };
	stralloc names = STRALLOC_ZERO;
	int ok = 1;
	for (size_t i = 0; ok && i < table_count(passwords);)
		ok = survey_login(&v, passwords, &i);
	if (!table_count(passwords))
		v.possible = 0;
	ok = ok && sasl_format_set(v.possible, " ", &names) &&
	    map_write_note(w, AUTH_NOTE_MECHANISMS, names.s ? names.s : "",
	        names.len) &&
	    map_write_note(w, AUTH_NOTE_SCRAM, v.sample.s ? v.sample.s : "",
	        v.sample.len);
	stralloc_free(&names);
	stralloc_free(&v.sample);
	return ok;
}
