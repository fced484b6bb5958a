/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "reply.h"
#include "request.h"
#include "tls.h"
#include "turns.h"
#include "verbs.h"

enum { GREETING_MAX = 512, LEAVE_TIMEOUT = 1 /* for the last words */ };

/* A client that sends the recipients 452 4.5.3 told it to is at no fault. */
static bool
is_error(char const *text)
{
	return (text[0] == '4' || text[0] == '5') &&
	    strspn(text, "0123456789") == 3 &&
	    strncmp(text, "452 4.5.3", 9) != 0;
}

/* Not a command, or not so. 503 is none of them: it follows in a row where our
 * refusal of MAIL met a pipelining client. */
static bool
is_wrong(char const *text)
{
	return text[0] == '5' && text[1] == '0' && text[2] != '3';
}

bool
session_reply(struct session *s, char const *text)
{
	if (is_error(text))
		limits_error(s);
	s->wrong += is_wrong(text);
	return conn_puts(&s->conn, text) && conn_puts(&s->conn, "\r\n");
}

bool
session_ask(struct session *s, uint8_t type, struct channel_field const *fields,
    unsigned int count)
{
	static struct channel_message reply;
	char text[512];
	if (!front_ask(s->front, type, fields, count, &reply) ||
	    !channel_string(&reply, 0, text, sizeof text)) {
		session_reply(s, REPLY_BACK_GONE);
		s->quit = true;
		return false;
	}
	unsigned int wrong = s->wrong;
	if (!session_reply(s, text))
		s->quit = true;
	s->wrong = wrong; /* the back knows what it refused */
	return reply.type == REPLY_YES;
}

void
session_forget_mail(struct session *s)
{
	incoming_close(&s->incoming);
	s->tx = (struct transaction){ 0 };
}

struct ssl_ctx_st *
session_tls(struct session *s)
{
	if (!s->tls)
		s->tls = front_tls(s->front, s->settings);
	return s->tls;
}

bool
session_start_tls(struct session *s, bool in_session)
{
	static struct channel_message reply;
	long long wait = limits_wait(s);
	conn_limit(&s->conn, wait ? wait : 1);
	if (!(in_session ? conn_start_tls : conn_accept_tls)(&s->conn,
	        s->tls)) {
		front_log(s->front,
		    errno == ETIMEDOUT ? "timeout" : "tls-failed",
		    errno == EPROTO ? tls_reason() : strerror(errno));
		return false;
	}
	s->hello = s->esmtp = s->authenticated = false;
	session_forget_mail(s);
	struct channel_field fields[2] = {
		channel_text(tls_protocol(s->conn.ssl)),
		channel_text(tls_cipher(s->conn.ssl)),
	};
	return front_ask(s->front, REQUEST_TLS, fields, 2, &reply);
}

/* Takes the line end off. A local transcript may be a text file: the end of
 * its first line says so for all of it, DATA included. */
static void
strip_end(struct session *s)
{
	stralloc *line = &s->line;
	line->len--;
	bool crlf = line->len && line->s[line->len - 1] == '\r';
	if (crlf)
		line->len--;
	if (!s->lines_seen)
		s->lf_lines =
		    (s->local || s->service == SERVICE_LOCAL) && !crlf;
	s->lines_seen = true;
}

/* Others wait for the place, or the back is gone. */
static int
leave(struct session *s)
{
	s->conn.timeout = LEAVE_TIMEOUT;
	session_reply(s,
	    front_must_leave(s->front) ? REPLY_OTHERS_WAIT : REPLY_BACK_GONE);
	return 0;
}

bool
session_may_finish(struct session *s)
{
	if (!front_must_leave(s->front)) {
		errno = ECANCELED; /* the back is gone */
		return false;
	}
	s->front->leave = true;
	s->conn.alert = -1; /* that was all it had to say */
	limits_leave_soon(s);
	conn_limit(&s->conn, limits_wait(s));
	return true;
}

static int
session_over(struct session *s)
{
	front_log(s->front, "timeout", "the whole session");
	session_reply(s, REPLY_SESSION_OVER);
	return 0;
}

int
session_read_line(struct session *s, size_t max)
{
	if (!conn_has_line(&s->conn) && !conn_flush(&s->conn))
		return 0;
	if (s->front->leave && !s->authenticated && !limits_may_go_on(s))
		return leave(s);
	long long wait = limits_wait(s);
	if (!wait)
		return session_over(s);
	conn_limit(&s->conn, wait);
	int r = conn_line(&s->conn, &s->line, max);
	if (r < 0 && errno == ECANCELED && s->tx.chunks &&
	    session_may_finish(s))
		r = conn_line(&s->conn, &s->line, max);
	if (r > 0) {
		strip_end(s);
		return 1;
	}
	if (r < 0 && errno == EMSGSIZE)
		return -1;
	if (r < 0 && errno == ETIMEDOUT && !limits_wait(s))
		return session_over(s);
	if (r < 0 && errno == ETIMEDOUT) {
		front_log(s->front, "timeout", "waiting for a command");
		session_reply(s, REPLY_TIMEOUT);
	} else if (r < 0 && errno == ECANCELED) {
		return leave(s);
	} else if (r < 0) {
		front_log(s->front, "lost", strerror(errno));
	}
	return 0;
}

/* Whether the client is served. The greeting, or why not, goes to TEXT. */
static bool
admitted(struct session *s, char text[GREETING_MAX])
{
	static struct channel_message reply;
	if (front_ask(s->front, REQUEST_CONNECT, NULL, 0, &reply) &&
	    channel_string(&reply, 0, text, GREETING_MAX)) {
		s->stranger = reply.count > 1;
		return reply.type == REPLY_YES;
	}
	snprintf(text, GREETING_MAX, REPLY_BACK_GONE);
	return false;
}

/* One command. false when the session is over. */
static bool
command(struct session *s)
{
	int r = session_read_line(s, COMMAND_MAX);
	if (r == 0)
		return false;
	bool go_on =
	    r < 0 ? session_reply(s, REPLY_LINE_TOO_LONG) : verbs_dispatch(s);
	if (go_on && s->errors > s->settings->smtpd_hard_error_limit) {
		front_log(s->front, "too-many-errors", "");
		session_reply(s, REPLY_TOO_MANY);
		return false;
	}
	return go_on && !s->quit;
}

/* One line for all of a stranger's wrong commands, which are counted. */
static void
report_wrong(struct session *s)
{
	char count[16];
	snprintf(count, sizeof count, "%u", s->wrong);
	if (s->wrong && !s->authenticated)
		front_log(s->front, "wrong-commands", count);
}

void
session_run(struct session *s)
{
	char greeting[GREETING_MAX];
	limits_start(s);
	bool served = admitted(s, greeting);
	s->conn.alert = s->front->channel;
	if (s->service == SERVICE_SUBMISSIONS &&
	    (!served || !session_tls(s) || !session_start_tls(s, false)))
		return; /* nothing can be said in clear */
	bool go_on = (!served || turns_before_greeting(s)) &&
	    session_reply(s, greeting) && served;
	while (go_on && command(s))
		continue;
	report_wrong(s);
	conn_end(&s->conn);
}
