/* SPDX-License-Identifier: ISC */
/* LOGIN and AUTHENTICATE (RFC 3501 section 6.2, RFC 4959), and what comes of
 * them. */
#include "stranger.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "proxied.h"
#include "request.h"

static char const failed_login[] =
    "NO [AUTHENTICATIONFAILED] Login or password is wrong";
static char const later[] =
    "NO [UNAVAILABLE] The server cannot check it now, try again later";
static char const needs_tls[] =
    "NO [PRIVACYREQUIRED] Not without TLS: STARTTLS first";
static char const no_mechanism[] = "NO [CANNOT] No such mechanism";

/* The next line of an exchange, as it was sent but for its end. */
static int
read_line(void *arg, stralloc **line)
{
	static stralloc text = STRALLOC_ZERO; /* used again */
	struct stranger *s = arg;
	*line = &text;
	int r = conn_line(&s->conn, &text, AUTHENTICATE_LINE_MAX);
	if (r < 0 && errno == EMSGSIZE)
		return -1;
	if (r <= 0) {
		stranger_lost(s, r);
		return 0;
	}
	while (text.len && strchr("\r\n", text.s[text.len - 1]))
		text.len--;
	return 1;
}

struct authenticate
stranger_authenticate(struct stranger *s)
{
	return (struct authenticate){ .front = s->front,
		.settings = s->settings,
		.conn = &s->conn,
		.prompt = "+ ",
		.read_line = read_line,
		.arg = s };
}

/* --- the login ------------------------------------------------------------ */

/* After UNAUTHENTICATE: what the engine has not run is the front's again. */
static void
come_back(struct stranger *s)
{
	stralloc piece = STRALLOC_ZERO;
	stralloc unread = STRALLOC_ZERO;
	bool ok;
	do
		ok = front_ask_text(s->front, REQUEST_UNREAD, NULL, 0,
		         &piece) == REPLY_YES &&
		    stralloc_cat(&unread, &piece);
	while (ok && piece.len);
	if (ok && conn_give_back(&s->conn, unread.s, unread.len)) {
		s->ended = false;
		stranger_limit(s);
	}
	stralloc_free(&piece);
	stralloc_free(&unread);
}

/* Hands the session over. NULL: it has been served, or the client is gone. */
static char const *
serve(struct stranger *s)
{
	static struct channel_message reply; /* too large for a stack frame */
	size_t len;
	bool apart = s->settings->imap_unauthenticate;
	bool clear = !s->conn.ssl && !apart;
	char const *input = conn_data(&s->conn, &len);
	struct channel_field fields[2] = { { s->tag.s, s->tag.len },
		{ input, clear ? len : 0 } };
	int fds[2] = { s->conn.in, s->conn.out };
	s->ended = true;
	if (!conn_flush(&s->conn) ||
	    !channel_send(s->front->channel, REQUEST_SERVE, fields, 2, fds,
	        clear ? 2 : 0) ||
	    channel_receive(s->front->channel, &reply) != 1)
		return NULL;
	if (reply.type == REPLY_NO && reply.count)
		return "NO [LIMIT] Too many sessions of this user from this "
		       "address";
	if (reply.type != REPLY_YES)
		return "NO [UNAVAILABLE] The mailbox cannot be opened now";
	if (clear)
		return NULL;
	int stream = apart && reply.fd_count ? reply.fd[0] : s->front->stream;
	bool back = conn_relay(&s->conn, stream);
	if (apart && back)
		come_back(s);
	if (apart)
		close(stream);
	return NULL;
}

static void
wipe(stralloc *sa)
{
	if (sa->s)
		explicit_bzero(sa->s, sa->a);
	stralloc_free(sa);
}

static struct channel_field
field_of(stralloc const *sa)
{
	return (struct channel_field){ sa->s ? sa->s : "", sa->len };
}

static char const *
login(struct stranger *s, struct channel_field user,
    struct channel_field password)
{
	int r = front_login(s->front, "LOGIN", user, password);
	if (r == REPLY_YES)
		return serve(s);
	if (r != REPLY_NO)
		return later;
	s->failed++;
	return failed_login;
}

char const *
verb_login(struct stranger *s, struct cursor *c)
{
	struct authenticate a = stranger_authenticate(s);
	stralloc user = STRALLOC_ZERO;
	stralloc password = STRALLOC_ZERO;
	char const *text = STRANGER_BAD_ARGUMENTS;
	if (!authenticate_plaintext(&a))
		text = s->conn.ssl ? no_mechanism : needs_tls;
	else if (cursor_space(c) && cursor_astring(c, &user) &&
	    cursor_space(c) && cursor_astring(c, &password) && cursor_end(c))
		text = login(s, field_of(&user), field_of(&password));
	wipe(&password);
	stralloc_free(&user);
	return text;
}

/* What a client is told that is not logged in. */
static char const *const answers[] = {
	[AUTHENTICATE_WRONG] = failed_login,
	[AUTHENTICATE_LATER] = later,
	[AUTHENTICATE_CANCELLED] = "BAD Cancelled",
	[AUTHENTICATE_BAD_BASE64] = "BAD Not base64",
	[AUTHENTICATE_TOO_LONG] = "BAD [TOOBIG] Line is too long",
	[AUTHENTICATE_NOT_INITIAL] =
	    "BAD This mechanism takes no initial response",
	[AUTHENTICATE_NO_MECHANISM] = no_mechanism,
	[AUTHENTICATE_NEEDS_TLS] = needs_tls,
};

/* RFC 4959: the first response may come with the command. */
char const *
verb_authenticate(struct stranger *s, struct cursor *c)
{
	struct authenticate a = stranger_authenticate(s);
	struct bytes name, initial;
	if (!cursor_space(c) || !cursor_name(c, &name.s, &name.len))
		return STRANGER_BAD_ARGUMENTS;
	bool ended = cursor_end(c);
	if (!ended && (!cursor_space(c) || cursor_end(c)))
		return STRANGER_BAD_ARGUMENTS;
	initial.s = c->s + c->pos;
	initial.len = c->len - c->pos;
	enum authenticate_result r =
	    authenticate_run(&a, name, ended ? NULL : &initial);
	if (r == AUTHENTICATE_OK)
		return serve(s);
	s->failed += r == AUTHENTICATE_WRONG;
	return r == AUTHENTICATE_LOST ? NULL : answers[r];
}
