/* SPDX-License-Identifier: ISC */
#include "stranger.h"

#include <errno.h>
#include <string.h>

enum {
	LEAVE_TIMEOUT = 1,  /* second, for the last words */
	TIMEOUTS_IN_ALL = 3 /* imap_login_timeout a command, and this many in
	                     * all */
};

char const STRANGER_BAD_ARGUMENTS[] = "BAD Error in the arguments";

void
stranger_limit(struct stranger *s)
{
	conn_limit(&s->conn,
	    (long long)s->settings->imap_login_timeout * TIMEOUTS_IN_ALL);
}

void
stranger_put(struct stranger *s, char const *text)
{
	if (!conn_puts(&s->conn, text))
		s->ended = true;
}

void
stranger_put_line(struct stranger *s, char const *text)
{
	stranger_put(s, text);
	stranger_put(s, "\r\n");
}

void
stranger_put_answer(struct stranger *s, char const *text)
{
	if (!s->tag.len)
		stranger_put(s, "*");
	else if (!conn_put(&s->conn, s->tag.s, s->tag.len))
		s->ended = true;
	stranger_put(s, " ");
	stranger_put_line(s, text);
}

void
stranger_bye(struct stranger *s, char const *why)
{
	stranger_put(s, "* BYE ");
	stranger_put_line(s, why);
	s->ended = true;
}

/* Others wait for the place. */
static void
leave(struct stranger *s)
{
	s->conn.timeout = LEAVE_TIMEOUT;
	stranger_bye(s,
	    front_must_leave(s->front)
	        ? "Silent for too long while others wait, come again"
	        : "Temporary server problem");
}

void
stranger_lost(struct stranger *s, int r)
{
	if (r < 0 && errno == ETIMEDOUT) {
		front_log(s->front, "timeout", "waiting for a command");
		stranger_bye(s, "Timeout");
	} else if (r < 0 && errno == ECANCELED) {
		leave(s);
	} else if (r < 0) {
		front_log(s->front, "lost", strerror(errno));
	}
	s->ended = true;
}

bool
stranger_fill(struct stranger *s)
{
	if (!conn_flush(&s->conn)) {
		s->ended = true;
		return false;
	}
	int r = conn_fill(&s->conn);
	if (r > 0)
		return true;
	stranger_lost(s, r);
	return false;
}
