/* SPDX-License-Identifier: ISC */
#include "back-login.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "auth-challenge.h"
#include "auth-mechanisms.h"
#include "crypto.h"
#include "log.h"
#include "map.h"
#include "sasl.h"

enum { DELAY_MAX = 15 /* seconds, where auth_failure_delay is less */ };

/* A login under way. */
struct login {
	struct timespec start;
	char mechanism[32];
	char name[FRONT_LOGIN_MAX + 1]; /* as the client sent it */
};

/* --- the verdict ---------------------------------------------------------- */

static void
wait_until(struct timespec const *when)
{
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, when, NULL) ==
	    EINTR)
		continue;
}

/* Doubled for each of FAILURES after the first. */
static time_t
delay_after(struct settings const *settings, unsigned int failures)
{
	time_t delay = (time_t)settings->auth_failure_delay;
	while (failures-- > 1 && delay < DELAY_MAX)
		delay = delay * 2 < DELAY_MAX ? delay * 2 : DELAY_MAX;
	return delay;
}

/* A failed login takes the same time, whatever the check took. */
static void
wait_for_failure(struct back *b, struct login const *l, unsigned int failures)
{
	struct timespec when = l->start;
	when.tv_sec += delay_after(b->settings, failures);
	wait_until(&when);
}

static void
log_login(struct back *b, struct login const *l, struct auth_verdict const *v)
{
	log_event("login", "result",
	    v->result == AUTH_OK          ? "ok"
	        : v->result == AUTH_WRONG ? "failed"
	                                  : "unavailable",
	    "ip", peer_text(b->peer), "user", l->name, "mechanism",
	    l->mechanism, "label", v->label.len ? v->label.s : NULL, "reason",
	    v->reason, (char *)NULL);
}

/* With a NUL behind it, for the log. */
static bool
set_user(struct back *b, stralloc const *user)
{
	if (!stralloc_copy(&b->user, user) || !stralloc_0(&b->user))
		return false;
	b->user.len--;
	return true;
}

/* The one place where the end of a login is known, whatever its mechanism: it
 * is logged, kept and answered here. TEXT is for a client that was right. */
static void
login_verdict(struct back *b, struct login const *l, struct auth_verdict *v,
    stralloc const *text)
{
	unsigned int failures = 0;
	struct channel_field field = { text->s ? text->s : "", text->len };
	if (v->result == AUTH_OK && !set_user(b, &v->user))
		auth_settle(v, AUTH_FAILED, "no memory");
	if (abuse_banned_until(&b->abuse)) {
		/* meanwhile: what was guessed now is not told */
		auth_settle(v, AUTH_FAILED, "banned");
	}
	log_login(b, l, v);
	if (v->result == AUTH_OK) {
		abuse_forgive(&b->abuse, ABUSE_LOGIN, UINT_MAX);
		back_reply(b, REPLY_YES, &field, 1);
		return;
	}
	b->user.len = 0;
	if (v->result == AUTH_WRONG)
		failures = abuse_count(&b->abuse, ABUSE_LOGIN, 1);
	wait_for_failure(b, l, failures);
	back_reply(b, v->result == AUTH_WRONG ? REPLY_NO : REPLY_LATER, NULL,
	    0);
}

/* --- the requests --------------------------------------------------------- */

static void
login_begin(struct login *l, struct channel_message const *m)
{
	clock_gettime(CLOCK_MONOTONIC, &l->start);
	if (!channel_string(m, 0, l->mechanism, sizeof l->mechanism))
		l->mechanism[0] = 0;
	if (!channel_string(m, 1, l->name, sizeof l->name))
		l->name[0] = 0;
}

static struct bytes
field(struct channel_message const *m, unsigned int i)
{
	if (i >= m->count)
		return (struct bytes){ "", 0 };
	return (struct bytes){ m->field[i].s, m->field[i].len };
}

/* Only what every password of the table can do. */
static void
answer_mechanisms(struct back *b)
{
	stralloc names = STRALLOC_ZERO;
	struct map *map = map_open_logged("passwords");
	int r = map ? map_note(map, AUTH_NOTE_MECHANISMS, &names) : -1;
	struct channel_field names_field = { names.s ? names.s : "",
		names.len };
	back_reply(b, r < 0 ? REPLY_LATER : REPLY_YES, &names_field, 1);
	map_close(map);
	stralloc_free(&names);
}

static void
answer_challenge(struct back *b, struct channel_message const *m)
{
	struct login l;
	struct auth_verdict v = AUTH_VERDICT_ZERO;
	stralloc text = STRALLOC_ZERO;
	login_begin(&l, m);
	int known = sasl_find(l.mechanism, strlen(l.mechanism));
	int ok = !crypto_start() ? 0
	    : known == SASL_CRAM_MD5
	    ? auth_challenge_cram_md5(&b->challenge, b->settings->myhostname,
	          &text)
	    : auth_challenge_scram(&b->challenge, b->service, field(m, 1),
	          field(m, 2), field(m, 3), &text);
	if (ok) {
		struct channel_field challenge = { text.s, text.len };
		back_reply(b, REPLY_YES, &challenge, 1);
	} else {
		auth_settle(&v, AUTH_FAILED, "no challenge can be made");
		login_verdict(b, &l, &v, &text);
	}
	stralloc_free(&text);
}

static void
check_login(struct back *b, struct login const *l,
    struct channel_message const *m, stralloc *text, struct auth_verdict *v)
{
	struct bytes name = bytes_of(l->name), proof = field(m, 2);
	switch (sasl_find(l->mechanism, strlen(l->mechanism))) {
	case SASL_PLAIN:
	case SASL_LOGIN:
		auth_check(b->service, name, proof, v);
		break;
	case SASL_CRAM_MD5:
		auth_answer_cram_md5(&b->challenge, b->service, name, proof, v);
		break;
	case SASL_SCRAM_SHA_256:
	case SASL_SCRAM_SHA_256_PLUS:
		auth_answer_scram(&b->challenge, b->service, proof, field(m, 3),
		    text, v);
		break;
	default:
		auth_settle(v, AUTH_WRONG, "no such mechanism");
	}
}

static void
answer_login(struct back *b, struct channel_message const *m)
{
	struct login l;
	struct auth_verdict v = AUTH_VERDICT_ZERO;
	stralloc text = STRALLOC_ZERO;
	login_begin(&l, m);
	if (crypto_start())
		check_login(b, &l, m, &text, &v);
	else
		auth_settle(&v, AUTH_FAILED, "OpenSSL cannot be started");
	login_verdict(b, &l, &v, &text);
	auth_verdict_free(&v);
	stralloc_free(&text);
}

/* The front may be in a stranger's hands: its reason is a value in the log, and
 * nothing else comes of it. */
static void
answer_refuse(struct back *b, struct channel_message const *m)
{
	char reason[128];
	struct login l;
	struct auth_verdict v = AUTH_VERDICT_ZERO;
	stralloc none = STRALLOC_ZERO;
	login_begin(&l, m);
	bool said = channel_string(m, 2, reason, sizeof reason);
	auth_settle(&v, AUTH_WRONG, said ? reason : "malformed response");
	login_verdict(b, &l, &v, &none);
}

static void
answer_logout(struct back *b)
{
	b->user.len = 0;
	b->challenge.open = AUTH_NO_CHALLENGE;
	back_reply(b, REPLY_YES, NULL, 0);
}

bool
back_login_answer(struct back *b, struct channel_message const *m)
{
	switch (m->type) {
	case REQUEST_MECHANISMS:
		answer_mechanisms(b);
		return true;
	case REQUEST_CHALLENGE:
		answer_challenge(b, m);
		return true;
	case REQUEST_LOGIN:
		answer_login(b, m);
		return true;
	case REQUEST_REFUSE:
		answer_refuse(b, m);
		return true;
	case REQUEST_LOGOUT:
		answer_logout(b);
		return true;
	default:
		return false;
	}
}
