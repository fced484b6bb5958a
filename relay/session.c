/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "session-auth.h"
#include "tls-client.h"

enum { TIMEOUT_MAX = 86400, COMMAND_MAX = 2048 };

/* --- the end ---------------------------------------------------------------- */

void
session_drop(struct session *s)
{
	if (!s->open)
		return;
	s->open = false;
	SSL_free(s->conn.ssl);
	close(s->conn.in);
	stralloc_free(&s->conn.pending);
}

void
session_lose(struct session *s, char const *stage)
{
	if (errno == ETIMEDOUT)
		answer_set(&s->failure, VERDICT_DEFERRED, "4.4.2",
		    "%s timed out at %s", s->where, stage);
	else
		answer_set(&s->failure, VERDICT_DEFERRED, "4.4.2",
		    "lost connection with %s at %s", s->where, stage);
	session_drop(s);
}

void
session_protest(struct session *s, char const *what, char const *stage)
{
	answer_set(&s->failure, VERDICT_DEFERRED, "4.5.0", "%s sent %s at %s",
	    s->where, what, stage);
	session_drop(s);
}

/* Its answer is not waited for: whatever it is, nothing follows from it. */
void
session_quit(struct session *s)
{
	if (!s->open)
		return;
	s->conn.timeout = 1;
	conn_limit_sending(&s->conn, 1);
	if (session_say(s, "QUIT"))
		conn_end(&s->conn);
	session_drop(s);
}

/* --- lines and replies ------------------------------------------------------ */

/* No line of ours has a CR or LF in it: what goes into one was looked at, and
 * here is the last place to. */
bool
session_say(struct session *s, char const *format, ...)
{
	char line[COMMAND_MAX];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(line, sizeof line - 2, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof line - 2 ||
	    strcspn(line, "\r\n") != (size_t)n) {
		answer_set(&s->failure, VERDICT_DEFERRED, "4.3.0",
		    "a command cannot be written");
		session_drop(s);
		return false;
	}
	memcpy(line + n, "\r\n", 2);
	bool ok = conn_put(&s->conn, line, (size_t)n + 2);
	explicit_bzero(line, sizeof line); /* a password, perhaps */
	if (ok)
		return true;
	session_lose(s, "a command");
	return false;
}

void
session_wait(struct session *s, uint64_t seconds)
{
	seconds = seconds < 1       ? 1
	    : seconds > TIMEOUT_MAX ? TIMEOUT_MAX
	                            : seconds;
	s->conn.timeout = (int)seconds;
	conn_limit(&s->conn, (long long)seconds);
	conn_limit_sending(&s->conn, (long long)seconds);
	if (s->end && s->conn.deadline > s->end)
		s->conn.deadline = s->end;
	if (s->end && s->conn.send_deadline > s->end)
		s->conn.send_deadline = s->end;
}

void
session_limit(struct session *s, uint64_t seconds)
{
	conn_limit(&s->conn,
	    seconds > TIMEOUT_MAX ? TIMEOUT_MAX : (long long)seconds);
	s->end = s->conn.deadline;
}

static bool
read_reply(struct session *s, char const *stage)
{
	enum reply_result r = REPLY_MORE;
	size_t len, used;
	reply_begin(&s->reply);
	for (;;) {
		char const *data = conn_data(&s->conn, &len);
		r = reply_feed(&s->reply, data, len, &used);
		if (r == REPLY_WRONG || r == REPLY_ENDLESS) {
			session_protest(s,
			    r == REPLY_WRONG ? "no SMTP reply"
			                     : "a reply without end",
			    stage);
			return false;
		}
		conn_take(&s->conn, used);
		if (r == REPLY_DONE)
			return true;
		errno = 0;
		if (conn_fill(&s->conn) <= 0) {
			session_lose(s, stage);
			return false;
		}
	}
}

bool
session_hear(struct session *s, uint64_t timeout, char const *stage)
{
	if (!s->open)
		return false;
	session_wait(s, timeout);
	errno = 0;
	if (s->conn.pending.len && !conn_flush(&s->conn)) {
		session_lose(s, stage);
		return false;
	}
	if (!read_reply(s, stage))
		return false;
	if (s->reply.code != 421) /* RFC 5321 3.8: it closes the connection */
		return true;
	reply_answer(&s->reply, VERDICT_DEFERRED, &s->failure);
	session_drop(s);
	return false;
}

/* --- greeting and EHLO ------------------------------------------------------ */

/* The server does not want to talk to us. Who refuses for good may be wrong
 * about us, and another host of the destination may not; but 521 is a host that
 * takes no mail from anybody (RFC 7504). */
static bool
refused(struct session *s)
{
	reply_answer(&s->reply,
	    s->reply.code == 521 ? VERDICT_FAILED : VERDICT_DEFERRED,
	    &s->failure);
	session_quit(s);
	return false;
}

static bool
greeted(struct session *s)
{
	if (!session_hear(s, s->settings->smtp_helo_timeout, "greeting"))
		return false;
	return s->reply.code == 220 || refused(s);
}

/* RFC 5321 section 6.3: the host greets us by our own name. */
static bool
is_ourselves(struct session *s)
{
	char const *mine = s->settings->myhostname;
	size_t n = strlen(mine);
	return s->reply.len >= n && strncasecmp(s->reply.text, mine, n) == 0 &&
	    (s->reply.len == n || strchr(" \n", s->reply.text[n]));
}

static bool
hello(struct session *s, struct session_request const *r)
{
	char const *mine = s->settings->myhostname;
	uint64_t timeout = s->settings->smtp_helo_timeout;
	s->can = (struct capabilities){ .size = false };
	if (!session_say(s, "EHLO %s", mine) ||
	    !session_hear(s, timeout, "EHLO"))
		return false;
	if (s->reply.code == 250)
		capabilities_read(s->reply.text, s->reply.len,
		    s->settings->smtp_discard_ehlo_keywords, &s->can);
	else if (s->reply.code < 500)
		return refused(s);
	else if (!session_say(s, "HELO %s", mine) ||
	    !session_hear(s, timeout, "HELO"))
		return false;
	if (s->reply.code != 250)
		return refused(s);
	if (strcmp(s->no_chunks, s->where) == 0)
		s->can.chunking = false;
	if (!r->find_loop || !is_ourselves(s))
		return true;
	answer_set(&s->failure, VERDICT_FAILED, "5.4.6",
	    "mail loop: %s is %s, this server", s->where, mine);
	session_quit(s);
	return false;
}

/* --- STARTTLS --------------------------------------------------------------- */

static void
set_tls_failure(struct session *s, struct session_request const *r,
    char const *reason)
{
	struct tls_policy const *p = r->policy;
	bool demanded = p->level > TLS_MAY;
	bool sts = demanded && p->kind == TLS_POLICY_STS;
	bool dane = demanded && p->kind == TLS_POLICY_TLSA;
	answer_set(&s->failure, VERDICT_DEFERRED, "4.7.5",
	    "no TLS with %s%s%s%s: %s", s->where, sts || dane ? " as " : "",
	    sts        ? p->sts
	        : dane ? "DANE"
	               : "",
	    sts || dane ? " demands it" : "", reason);
}

static enum session_outcome
tls_failed(struct session *s, struct session_request const *r,
    enum tls_result result, char const *reason)
{
	if (reason)
		set_tls_failure(s, r, reason);
	s->tls_result = result;
	session_quit(s);
	return r->policy->level == TLS_MAY ? SESSION_TLS_FAILED
	                                   : SESSION_REFUSED;
}

static enum session_outcome
handshake_failed(struct session *s, struct session_request const *r)
{
	bool late = errno == ETIMEDOUT;
	enum tls_result result = late
	    ? TLS_RESULT_VALIDATION_FAILURE
	    : tls_client_result(s->conn.ssl, r->policy);
	set_tls_failure(s, r,
	    late ? "it takes too long"
	         : tls_client_reason(s->conn.ssl, r->policy));
	session_drop(s);
	return tls_failed(s, r, result, NULL);
}

/* TLS 1.3 tells what the server thinks of our side at the first reply. */
static enum session_outcome
shake_hands(struct session *s, struct session_request const *r)
{
	session_wait(s, s->settings->smtp_starttls_timeout);
	struct ssl_st *ssl = tls_client_new(r->policy);
	if (!conn_connect_tls(&s->conn, ssl))
		return handshake_failed(s, r);
	s->tls_result = tls_client_result(s->conn.ssl, r->policy);
	s->verified =
	    r->policy->authenticated && s->tls_result == TLS_RESULT_SUCCESS;
	return (!r->smtps || greeted(s)) && hello(s, r) ? SESSION_READY
	    : s->failure.code || s->failure.verdict == VERDICT_FAILED
	    ? SESSION_REFUSED
	    : tls_failed(s, r, TLS_RESULT_VALIDATION_FAILURE, NULL);
}

static enum session_outcome
start_tls(struct session *s, struct session_request const *r)
{
	enum tls_level level = r->policy->level;
	enum tls_result const none = TLS_RESULT_STARTTLS_NOT_SUPPORTED;
	if (level == TLS_NONE)
		return SESSION_READY;
	s->tls_result = none;
	if (!s->can.starttls)
		return level == TLS_MAY
		    ? SESSION_READY
		    : tls_failed(s, r, none, "it does not offer it");
	if (!session_say(s, "STARTTLS") ||
	    !session_hear(s, s->settings->smtp_starttls_timeout, "STARTTLS"))
		return s->failure.code
		    ? SESSION_REFUSED
		    : tls_failed(s, r, TLS_RESULT_VALIDATION_FAILURE, NULL);
	if (s->reply.code == 220)
		return shake_hands(s, r);
	if (level == TLS_MAY) /* it goes on as if nothing had been said */
		return SESSION_READY;
	return tls_failed(s, r, none, "it refuses STARTTLS");
}

/* --- all of it -------------------------------------------------------------- */

enum session_outcome
session_open(struct session *s, int fd, struct session_request const *r)
{
	conn_init(&s->conn, fd, fd, 1);
	s->conn.alert = s->alert;
	s->open = true;
	s->dirty = s->verified = s->chunks_taken = s->again = false;
	s->tls_result = TLS_RESULT_NONE;
	s->failure = (struct answer){ .verdict = VERDICT_DEFERRED };
	snprintf(s->where, sizeof s->where, "%s", r->where);
	if (!r->smtps && (!greeted(s) || !hello(s, r)))
		return SESSION_REFUSED;
	enum session_outcome outcome =
	    r->smtps ? shake_hands(s, r) : start_tls(s, r);
	if (outcome == SESSION_READY && *r->login && !session_auth(s, r))
		return SESSION_REFUSED;
	return outcome;
}
