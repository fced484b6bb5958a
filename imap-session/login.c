/* SPDX-License-Identifier: ISC */
#include "login.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "authenticate.h"
#include "id.h"
#include "parse.h"
#include "proxied.h"
#include "request.h"
#include "session.h"
#include "tls.h"

enum {
	BAD_MAX = 10,        /* commands that were BAD */
	FAILED_MAX = 5,      /* logins */
	LITERALS_MAX = 1024, /* octets of one literal */
	REFUSAL_MAX = 256,
	LEAVE_TIMEOUT = 1,  /* for the last words */
	TIMEOUTS_IN_ALL = 3 /* imap_login_timeout a command, and this many
			       * in all */
};

struct stranger {
	struct front *front;
	struct settings const *settings;
	struct conn conn;
	struct ssl_ctx_st *tls;
	struct command command;
	stralloc tag;
	bool ended;
	unsigned bad, failed;
	unsigned wrong; /* bad ones, before STARTTLS too */
};

typedef char const *verb(struct stranger *s, struct cursor *c);

static char const bad_arguments[] = "BAD Error in the arguments";
static char const failed_login[] =
    "NO [AUTHENTICATIONFAILED] Login or password is wrong";
static char const later[] =
    "NO [UNAVAILABLE] The server cannot check it now, try again later";
static char const needs_tls[] =
    "NO [PRIVACYREQUIRED] Not without TLS: STARTTLS first";
static char const no_mechanism[] = "NO [CANNOT] No such mechanism";

/* --- sending and reading -------------------------------------------------- */

static void
put(struct stranger *s, char const *text)
{
	if (!conn_puts(&s->conn, text))
		s->ended = true;
}

static void
put_line(struct stranger *s, char const *text)
{
	put(s, text);
	put(s, "\r\n");
}

static void
put_answer(struct stranger *s, char const *text)
{
	if (!s->tag.len)
		put(s, "*");
	else if (!conn_put(&s->conn, s->tag.s, s->tag.len))
		s->ended = true;
	put(s, " ");
	put_line(s, text);
}

static void
bye(struct stranger *s, char const *why)
{
	put(s, "* BYE ");
	put_line(s, why);
	s->ended = true;
}

/* Others wait for the place. */
static void
leave(struct stranger *s)
{
	s->conn.timeout = LEAVE_TIMEOUT;
	bye(s,
	    front_must_leave(s->front)
	        ? "Silent for too long while others wait, come again"
	        : "Temporary server problem");
}

/* Nothing more comes: R as conn_fill has it. */
static void
lost(struct stranger *s, int r)
{
	if (r < 0 && errno == ETIMEDOUT) {
		front_log(s->front, "timeout", "waiting for a command");
		bye(s, "Timeout");
	} else if (r < 0 && errno == ECANCELED) {
		leave(s);
	} else if (r < 0) {
		front_log(s->front, "lost", strerror(errno));
	}
	s->ended = true;
}

static bool
fill(struct stranger *s)
{
	if (!conn_flush(&s->conn)) {
		s->ended = true;
		return false;
	}
	int r = conn_fill(&s->conn);
	if (r > 0)
		return true;
	lost(s, r);
	return false;
}

/* --- capabilities --------------------------------------------------------- */

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
		lost(s, r);
		return 0;
	}
	while (text.len && strchr("\r\n", text.s[text.len - 1]))
		text.len--;
	return 1;
}

static struct authenticate
authenticate_of(struct stranger *s)
{
	return (struct authenticate){ .front = s->front,
		.settings = s->settings,
		.conn = &s->conn,
		.prompt = "+ ",
		.read_line = read_line,
		.arg = s };
}

static void
put_capabilities(struct stranger *s)
{
	struct authenticate a = authenticate_of(s);
	stralloc names = STRALLOC_ZERO;
	put(s, "CAPABILITY " CAPABILITIES_ALWAYS);
	if (!s->conn.ssl)
		put(s, " STARTTLS");
	if (!authenticate_plaintext(&a))
		put(s, " LOGINDISABLED");
	if (sasl_format_set(authenticate_offered(&a), " AUTH=", &names) &&
	    !conn_put(&s->conn, names.s, names.len))
		s->ended = true;
	stralloc_free(&names);
}

static char const *
verb_capability(struct stranger *s, struct cursor *c)
{
	if (!cursor_end(c))
		return bad_arguments;
	put(s, "* ");
	put_capabilities(s);
	put(s, "\r\n");
	return "OK CAPABILITY completed";
}

static char const *
verb_noop(struct stranger *s, struct cursor *c)
{
	(void)s;
	return cursor_end(c) ? "OK NOOP completed" : bad_arguments;
}

static char const *
verb_logout(struct stranger *s, struct cursor *c)
{
	if (!cursor_end(c))
		return bad_arguments;
	bye(s, "Logging out");
	return "OK LOGOUT completed";
}

static char const *
verb_id(struct stranger *s, struct cursor *c)
{
	stralloc name = STRALLOC_ZERO;
	bool ok = cursor_space(c) && cursor_id(c, &name);
	stralloc_free(&name);
	if (!ok)
		return bad_arguments;
	put_line(s, ID_ANSWER);
	return "OK ID completed";
}

/* --- TLS ------------------------------------------------------------------ */

static bool
shake_hands(struct stranger *s, bool in_session)
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

static bool
have_tls(struct stranger *s)
{
	if (!s->tls)
		s->tls = front_tls(s->front, s->settings);
	return s->tls;
}

/* What the client sent before the handshake goes away with it, this command's
 * tag too. */
static char const *
verb_starttls(struct stranger *s, struct cursor *c)
{
	if (!cursor_end(c))
		return bad_arguments;
	if (s->conn.ssl)
		return "BAD TLS is on already";
	if (!have_tls(s))
		return "NO [UNAVAILABLE] No TLS at the moment";
	put_answer(s, "OK Begin TLS");
	s->ended = s->ended || !conn_flush(&s->conn);
	if (!s->ended)
		shake_hands(s, true);
	s->bad = 0;
	return NULL;
}

/* --- the login ------------------------------------------------------------ */

/* Hands the session over. NULL: it has been served, or the client is gone. */
static char const *
serve(struct stranger *s)
{
	static struct channel_message reply; /* too large for a stack frame */
	size_t len;
	bool clear = !s->conn.ssl;
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
	if (!clear)
		conn_relay(&s->conn, s->front->stream);
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

static char const *
verb_login(struct stranger *s, struct cursor *c)
{
	struct authenticate a = authenticate_of(s);
	stralloc user = STRALLOC_ZERO;
	stralloc password = STRALLOC_ZERO;
	char const *text = bad_arguments;
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
static char const *
verb_authenticate(struct stranger *s, struct cursor *c)
{
	struct authenticate a = authenticate_of(s);
	struct bytes name, initial;
	if (!cursor_space(c) || !cursor_name(c, &name.s, &name.len))
		return bad_arguments;
	bool ended = cursor_end(c);
	if (!ended && (!cursor_space(c) || cursor_end(c)))
		return bad_arguments;
	initial.s = c->s + c->pos;
	initial.len = c->len - c->pos;
	enum authenticate_result r =
	    authenticate_run(&a, name, ended ? NULL : &initial);
	if (r == AUTHENTICATE_OK)
		return serve(s);
	s->failed += r == AUTHENTICATE_WRONG;
	return r == AUTHENTICATE_LOST ? NULL : answers[r];
}

/* --- commands ------------------------------------------------------------- */

struct verb_row {
	char const *name;
	verb *run;
};

static struct verb_row const verbs[] = {
	{ "AUTHENTICATE", verb_authenticate },
	{ "CAPABILITY", verb_capability },
	{ "ID", verb_id },
	{ "LOGIN", verb_login },
	{ "LOGOUT", verb_logout },
	{ "NOOP", verb_noop },
	{ "STARTTLS", verb_starttls },
};

static char const *
dispatch(struct stranger *s, struct cursor *c)
{
	char const *name;
	size_t len;
	if (!cursor_space(c) || !cursor_name(c, &name, &len))
		return "BAD No command after the tag";
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (imap_equal(name, len, verbs[i].name))
			return verbs[i].run(s, c);
	return "BAD Unknown command, or not before the login";
}

static void
run_command(struct stranger *s, enum command_status status)
{
	struct cursor c = { s->command.text.s, s->command.text.len, 0 };
	char const *at;
	size_t len;
	char const *text = "BAD No tag";
	s->tag.len = 0;
	if (cursor_tag(&c, &at, &len) && stralloc_copyb(&s->tag, at, len))
		text = status == COMMAND_TOO_LONG
		    ? "BAD [TOOBIG] Command or literal is too long"
		    : dispatch(s, &c);
	/* A password may be in it. */
	if (s->command.text.s)
		explicit_bzero(s->command.text.s, s->command.text.a);
	if (!text)
		return;
	put_answer(s, text);
	if (s->ended)
		return;
	if (strncmp(text, "BAD", 3) == 0) {
		s->bad++;
		s->wrong++;
	}
	if (s->bad >= BAD_MAX || s->failed >= FAILED_MAX) {
		front_log(s->front, "too-many-errors", "");
		bye(s, "Too many errors");
	}
}

/* False: the command is over. */
static bool
take_literal(struct stranger *s)
{
	struct command *c = &s->command;
	if (c->literal <= LITERALS_MAX && command_take(c)) {
		if (c->sync)
			put_line(s, "+ OK");
		return true;
	}
	if (c->sync) {
		run_command(s, COMMAND_TOO_LONG);
		return false;
	}
	if (c->literal > COMMAND_MAX_LOGIN) {
		bye(s, "Literal is too long");
		return false;
	}
	command_skip(c);
	return true;
}

static void
next_command(struct stranger *s)
{
	command_reset(&s->command, COMMAND_MAX_LOGIN);
	while (!s->ended) {
		size_t len;
		size_t used;
		char const *in = conn_data(&s->conn, &len);
		if (!len) {
			if (!fill(s))
				return;
			continue;
		}
		enum command_status status =
		    command_feed(&s->command, in, len, &used);
		conn_take(&s->conn, used);
		if (status == COMMAND_MORE)
			continue;
		if (status == COMMAND_LITERAL) {
			if (!take_literal(s))
				return;
			continue;
		}
		if (s->command.text.len)
			run_command(s, status);
		return;
	}
}

/* Whether the client is served; why not goes to TEXT. */
static bool
admitted(struct stranger *s, char text[REFUSAL_MAX])
{
	static struct channel_message reply;
	if (front_ask(s->front, REQUEST_CONNECT, NULL, 0, &reply) &&
	    channel_string(&reply, 0, text, REFUSAL_MAX))
		return reply.type == REPLY_YES;
	snprintf(text, REFUSAL_MAX, "Temporary server problem");
	return false;
}

static void
greet(struct stranger *s)
{
	put(s, "* OK [");
	put_capabilities(s);
	put_line(s, "] besace ready");
}

/* One line for all of a stranger's wrong commands, which are counted. */
static void
report_wrong(struct stranger *s)
{
	char count[16];
	snprintf(count, sizeof count, "%u", s->wrong);
	if (s->wrong)
		front_log(s->front, "wrong-commands", count);
}

void
login_run(struct front *front, struct settings const *settings,
    struct peer const *peer, bool tls)
{
	static struct stranger s;
	char refusal[REFUSAL_MAX];
	int timeout = (int)settings->imap_login_timeout;
	s.front = front;
	s.settings = settings;
	conn_init(&s.conn, 0, 1, timeout);
	if (!front_proxy(front, &s.conn, settings, peer))
		return;
	conn_limit(&s.conn, (long long)timeout * TIMEOUTS_IN_ALL);
	bool go_on = admitted(&s, refusal);
	s.conn.alert = front->channel;
	if (tls && (!go_on || !have_tls(&s) || !shake_hands(&s, false)))
		return; /* nothing can be said in clear */
	if (!go_on)
		bye(&s, refusal);
	else
		greet(&s);
	while (!s.ended)
		next_command(&s);
	report_wrong(&s);
	conn_end(&s.conn);
}
