/* SPDX-License-Identifier: ISC */
#include "back-login.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "auth.h"
#include "log.h"

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

/* A failed login takes the same time, whatever the check took. */
static void
wait_for_failure(struct back *b, struct login const *l)
{
	struct timespec when = l->start;
	when.tv_sec += (time_t)b->settings->auth_failure_delay;
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
	if (v->result == AUTH_OK && !stralloc_copy(&b->user, &v->user)) {
		v->result = AUTH_FAILED;
		v->reason = "no memory";
	}
	log_login(b, l, v);
	if (v->result == AUTH_OK) {
		back_reply(b, REPLY_YES, NULL, 0);
		return;
	}
	wait_for_failure(b, l);
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
