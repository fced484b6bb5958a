/* SPDX-License-Identifier: ISC */
#include "turns.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "request.h"

/* The back logs it, by its rule, and has the reply. */
static bool
send_away(struct session *s)
{
	session_ask(s, REQUEST_EARLY, NULL, 0);
	return false;
}

static bool
lost(struct session *s, char const *why)
{
	front_log(s->front, "lost", why);
	return false;
}

bool
turns_before_greeting(struct session *s)
{
	struct settings const *settings = s->settings;
	if (!s->stranger)
		return true;
	unsigned int wait = (unsigned int)settings->postscreen_greet_wait;
	if (!settings->reject_unauth_pipelining) {
		sleep(wait);
		return true;
	}
	int r = conn_hears(&s->conn, wait);
	if (r < 0)
		return lost(s, strerror(errno));
	if (r == 0)
		return true;
	size_t have;
	conn_data(&s->conn, &have);
	if (have || (r = conn_fill(&s->conn)) > 0)
		return send_away(s);
	return lost(s, r < 0 ? strerror(errno) : "before the greeting");
}

bool
turns_before_command(struct session *s, bool last)
{
	if (!s->stranger || s->authenticated ||
	    !s->settings->reject_unauth_pipelining || (s->esmtp && !last) ||
	    !conn_has_more(&s->conn))
		return true;
	return send_away(s);
}
