/* SPDX-License-Identifier: ISC */
#include "back-login.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "auth.h"
#include "log.h"

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

/* The one place where the end of a login is known, whatever its mechanism: it
 * is logged, kept and answered here. */
static void
login_verdict(struct back *b, struct login const *l, struct auth_verdict *v)
{
	unsigned int failures = 0;
	if (v->result == AUTH_OK && !stralloc_copy(&b->user, &v->user)) {
		v->result = AUTH_FAILED;
		v->reason = "no memory";
	}
	if (abuse_banned_until(&b->abuse)) {
		/* meanwhile: what was guessed now is not told */
		b->user.len = 0;
		v->result = AUTH_FAILED;
		v->reason = "banned";
	}
	log_login(b, l, v);
	if (v->result == AUTH_OK) {
		abuse_forgive(&b->abuse, ABUSE_LOGIN, UINT_MAX);
		back_reply(b, REPLY_YES, NULL, 0);
		return;
	}
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

void
back_login(struct back *b, struct channel_message const *m)
{
	struct login l;
	struct auth_verdict v = AUTH_VERDICT_ZERO;
	login_begin(&l, m);
	char const *password = m->count == 3 ? m->field[2].s : "";
	size_t len = m->count == 3 ? m->field[2].len : 0;
	auth_check(b->service, l.name, strlen(l.name), password, len, &v);
	login_verdict(b, &l, &v);
	auth_verdict_free(&v);
}
