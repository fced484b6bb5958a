/* SPDX-License-Identifier: ISC */
/* The verbs before the login that are no login. */
#include "stranger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "id.h"
#include "session.h"
#include "tls.h"

void
stranger_capabilities(struct stranger *s)
{
	struct authenticate a = stranger_authenticate(s);
	stralloc names = STRALLOC_ZERO;
	stranger_put(s, "CAPABILITY " CAPABILITIES_ALWAYS);
	if (!s->conn.ssl)
		stranger_put(s, " STARTTLS");
	if (!authenticate_plaintext(&a))
		stranger_put(s, " LOGINDISABLED");
	if (sasl_format_set(authenticate_offered(&a), " AUTH=", &names) &&
	    !conn_put(&s->conn, names.s, names.len))
		s->ended = true;
	stralloc_free(&names);
}

char const *
verb_capability(struct stranger *s, struct cursor *c)
{
	if (!cursor_end(c))
		return STRANGER_BAD_ARGUMENTS;
	stranger_put(s, "* ");
	stranger_capabilities(s);
	stranger_put(s, "\r\n");
	return "OK CAPABILITY completed";
}

char const *
verb_noop(struct stranger *s, struct cursor *c)
{
	(void)s;
	return cursor_end(c) ? "OK NOOP completed" : STRANGER_BAD_ARGUMENTS;
}

char const *
verb_logout(struct stranger *s, struct cursor *c)
{
	if (!cursor_end(c))
		return STRANGER_BAD_ARGUMENTS;
	stranger_bye(s, "Logging out");
	return "OK LOGOUT completed";
}

char const *
verb_id(struct stranger *s, struct cursor *c)
{
	stralloc name = STRALLOC_ZERO;
	bool ok = cursor_space(c) && cursor_id(c, &name);
	stralloc_free(&name);
	if (!ok)
		return STRANGER_BAD_ARGUMENTS;
	stranger_put_line(s, ID_ANSWER);
	return "OK ID completed";
}

/* --- TLS ------------------------------------------------------------------ */

bool
stranger_shake_hands(struct stranger *s, bool in_session)
{
	char detail[128];
	if (!(in_session ? conn_start_tls : conn_accept_tls)(&s->conn,
	        s->tls)) {
		front_log(s->front,
		    errno == ETIMEDOUT ? "timeout" : "tls-failed",
		    errno == EPROTO ? tls_reason() : strerror(errno));
		s->ended = true;
		return false;
	}
	snprintf(detail, sizeof detail, "%s %s", tls_protocol(s->conn.ssl),
	    tls_cipher(s->conn.ssl));
	front_log(s->front, "tls", detail);
	return true;
}

bool
stranger_have_tls(struct stranger *s)
{
	if (!s->tls)
		s->tls = front_tls(s->front, s->settings);
	return s->tls;
}

/* What the client sent before the handshake goes away with it, this command's
 * tag too. */
char const *
verb_starttls(struct stranger *s, struct cursor *c)
{
	if (!cursor_end(c))
		return STRANGER_BAD_ARGUMENTS;
	if (s->conn.ssl)
		return "BAD TLS is on already";
	if (!stranger_have_tls(s))
		return "NO [UNAVAILABLE] No TLS at the moment";
	stranger_put_answer(s, "OK Begin TLS");
	s->ended = s->ended || !conn_flush(&s->conn);
	if (!s->ended)
		stranger_shake_hands(s, true);
	s->bad = 0;
	return NULL;
}
