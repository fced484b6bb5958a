/* SPDX-License-Identifier: ISC */
/* AUTH, RFC 4954: the exchange is the library's, the verdict the back's. */
#include <string.h>

#include "authenticate.h"
#include "reply.h"
#include "verbs.h"

static int
read_line(void *arg, stralloc **line)
{
	struct session *s = arg;
	*line = &s->line;
	return session_read_line(s, AUTHENTICATE_LINE_MAX);
}

static struct authenticate
authenticate_of(struct session *s)
{
	return (struct authenticate){ .front = s->front,
		.settings = s->settings,
		.conn = &s->conn,
		.prompt = "334 ",
		.read_line = read_line,
		.arg = s };
}

static char const *const replies[] = {
	[AUTHENTICATE_OK] = REPLY_AUTH_OK,
	[AUTHENTICATE_WRONG] = REPLY_AUTH_WRONG,
	[AUTHENTICATE_LATER] = REPLY_AUTH_LATER,
	[AUTHENTICATE_CANCELLED] = REPLY_CANCELLED,
	[AUTHENTICATE_BAD_BASE64] = REPLY_BAD_BASE64,
	[AUTHENTICATE_TOO_LONG] = REPLY_LINE_TOO_LONG,
	[AUTHENTICATE_NOT_INITIAL] = REPLY_NOT_INITIAL,
	[AUTHENTICATE_NO_MECHANISM] = REPLY_MECHANISM,
	[AUTHENTICATE_NEEDS_TLS] = REPLY_NEED_TLS,
};

/* The initial response is a copy: the line it came with is read over. */
bool
verb_auth(struct session *s, char const *arg, size_t len)
{
	struct authenticate a = authenticate_of(s);
	struct bytes rest = { arg, len };
	stralloc copy = STRALLOC_ZERO;
	if (s->authenticated)
		return session_reply(s, REPLY_SEQUENCE);
	if (!stralloc_copyb(&copy, arg, len))
		return session_reply(s, REPLY_AUTH_LATER);
	rest.s = copy.s;
	struct bytes mechanism = bytes_take_until(&rest, ' ');
	while (rest.len && *rest.s == ' ')
		bytes_take_until(&rest, ' ');
	enum authenticate_result r =
	    authenticate_run(&a, mechanism, rest.len ? &rest : NULL);
	s->authenticated = r == AUTHENTICATE_OK;
	explicit_bzero(copy.s, copy.a);
	stralloc_free(&copy);
	return r != AUTHENTICATE_LOST && session_reply(s, replies[r]);
}

bool
auth_keyword(struct session *s, stralloc *keyword)
{
	struct authenticate a = authenticate_of(s);
	keyword->len = 0;
	sasl_set offered = s->authenticated ? 0 : authenticate_offered(&a);
	return !offered ||
	    (stralloc_cats(keyword, "AUTH") &&
	        sasl_format_set(offered, " ", keyword) && stralloc_0(keyword));
}
