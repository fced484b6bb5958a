/* SPDX-License-Identifier: ISC */
#include "login.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proxied.h"
#include "request.h"
#include "stranger.h"

enum {
	BAD_MAX = 10,        /* commands that were BAD */
	FAILED_MAX = 5,      /* logins */
	LITERALS_MAX = 1024, /* octets of one literal */
	REFUSAL_MAX = 256
};

/* --- commands ------------------------------------------------------------- */

struct verb_row {
	char const *name;
	stranger_verb *run;
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
	stranger_put_answer(s, text);
	if (s->ended)
		return;
	if (strncmp(text, "BAD", 3) == 0) {
		s->bad++;
		s->wrong++;
	}
	if (s->bad >= BAD_MAX || s->failed >= FAILED_MAX) {
		front_log(s->front, "too-many-errors", "");
		stranger_bye(s, "Too many errors");
	}
}

/* False: the command is over. */
static bool
take_literal(struct stranger *s)
{
	struct command *c = &s->command;
	if (c->literal <= LITERALS_MAX && command_take(c)) {
		if (c->sync)
			stranger_put_line(s, "+ OK");
		return true;
	}
	if (c->sync) {
		run_command(s, COMMAND_TOO_LONG);
		return false;
	}
	if (c->literal > COMMAND_MAX_LOGIN) {
		stranger_bye(s, "Literal is too long");
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
			if (!stranger_fill(s))
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
	stranger_put(s, "* OK [");
	stranger_capabilities(s);
	stranger_put_line(s, "] besace ready");
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
	s.front = front;
	s.settings = settings;
	conn_init(&s.conn, 0, 1, (int)settings->imap_login_timeout);
	if (!front_proxy(front, &s.conn, settings, peer))
		return;
	stranger_limit(&s);
	bool go_on = admitted(&s, refusal);
	s.conn.alert = front->channel;
	if (tls &&
	    (!go_on || !stranger_have_tls(&s) ||
	        !stranger_shake_hands(&s, false)))
		return; /* nothing can be said in clear */
	if (!go_on)
		stranger_bye(&s, refusal);
	else
		greet(&s);
	while (!s.ended)
		next_command(&s);
	report_wrong(&s);
	conn_end(&s.conn);
}
