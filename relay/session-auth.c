/* SPDX-License-Identifier: ISC */
#include "session-auth.h"

#include <string.h>

#include "base64.h"
#include "crypto.h"
#include "sasl-client.h"
#include "session.h"
#include "tls.h"

static bool
give_up(struct session *s, char const *why)
{
	answer_set(&s->failure, VERDICT_DEFERRED, "4.7.0", "no login at %s: %s",
	    s->where, why);
	session_quit(s);
	return false;
}

/* A line of base64, which is "=" or nothing for an empty one. */
static bool
say_base64(struct session *s, char const *before, stralloc const *raw,
    char const *empty)
{
	stralloc line = STRALLOC_ZERO;
	bool ok = stralloc_cats(&line, before) &&
	    (raw->len ? base64_encode(raw->s, raw->len, &line)
	              : stralloc_cats(&line, empty)) &&
	    stralloc_0(&line);
	ok = ok ? session_say(s, "%s", line.s) : give_up(s, "no memory");
	if (line.s)
		explicit_bzero(line.s, line.len);
	stralloc_free(&line);
	return ok;
}

static bool
say_first(struct session *s, struct sasl_client *x, stralloc *raw)
{
	char before[64];
	int r = sasl_client_start(x, raw);
	if (r < 0)
		return give_up(s, "no memory");
	char const *name = sasl_name(x->mechanism);
	size_t n = strlen(name);
	memcpy(before, "AUTH ", 5);
	memcpy(before + 5, name, n + 1);
	if (!r)
		return session_say(s, "%s", before);
	memcpy(before + 5 + n, " ", 2);
	return say_base64(s, before, raw, "=");
}

/* A challenge, behind the code 334, and our response to it. */
static bool
respond(struct session *s, struct sasl_client *x, stralloc *raw)
{
	stralloc challenge = STRALLOC_ZERO;
	int r = base64_decode(s->reply.text, s->reply.len, &challenge);
	if (r > 0)
		r = sasl_client_step(x,
		    (struct bytes){ challenge.s ? challenge.s : "",
		        challenge.len },
		    raw);
	stralloc_free(&challenge);
	if (r <= 0)
		return give_up(s,
		    r ? "no memory" : "its challenge is not understood");
	return say_base64(s, "", raw, "");
}

static bool
converse(struct session *s, struct sasl_client *x, stralloc *raw)
{
	uint64_t timeout = s->settings->smtp_mail_timeout;
	if (!say_first(s, x, raw))
		return false;
	while (session_hear(s, timeout, "AUTH") && s->reply.code == 334)
		if (!respond(s, x, raw))
			return false;
	if (!s->open)
		return false;
	if (s->reply.code != 235) {
		reply_answer(&s->reply, VERDICT_DEFERRED, &s->failure);
		session_quit(s);
		return false;
	}
	return x->believed || give_up(s, "it does not know the password");
}

/* What a login can be bound to; nothing where the administrator does not want
 * it, or where there is no TLS 1.3. */
static struct bytes
find_channel(struct session *s, unsigned char data[TLS_BINDING_SIZE])
{
	sasl_set wanted = s->settings->smtp_sasl_mechanism_filter;
	bool found = wanted >> SASL_SCRAM_SHA_256_PLUS & 1 && s->conn.ssl &&
	    tls_can_bind(s->conn.ssl) && tls_bind(s->conn.ssl, data);
	return (
	    struct bytes){ (char const *)data, found ? TLS_BINDING_SIZE : 0 };
}

bool
session_auth(struct session *s, struct session_request const *r)
{
	stralloc raw = STRALLOC_ZERO;
	unsigned char data[TLS_BINDING_SIZE];
	struct bytes channel = find_channel(s, data);
	int mechanism = sasl_client_choose(s->can.auth &
	        s->settings->smtp_sasl_mechanism_filter,
	    channel.len > 0);
	if (!s->conn.ssl && !r->auth_in_clear)
		return give_up(s, "not outside TLS");
	if (mechanism < 0)
		return give_up(s, "it offers no way that we may use");
	if (!crypto_start())
		return give_up(s, "no cryptography");
	struct sasl_client x = { .mechanism = (enum sasl_mechanism)mechanism,
		.login = bytes_of(r->login),
		.password = bytes_of(r->password),
		.channel = channel,
		.bare = STRALLOC_ZERO };
	bool ok = converse(s, &x, &raw);
	sasl_client_free(&x);
	if (raw.s)
		explicit_bzero(raw.s, raw.len);
	stralloc_free(&raw);
	return ok;
}
