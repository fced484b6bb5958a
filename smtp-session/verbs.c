/* SPDX-License-Identifier: ISC */
#include "verbs.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "envelope.h"
#include "limits.h"
#include "reply.h"
#include "request.h"
#include "utf8.h"
#include "turns.h"

static bool
hello(struct session *s, char const *arg, size_t len, char const *protocol)
{
	struct channel_field fields[2] = { { arg, len },
		channel_text(protocol) };
	static struct channel_message reply;
	if (!envelope_word(arg, len))
		return session_reply(s, REPLY_SYNTAX);
	if (!front_ask(s->front, REQUEST_HELLO, fields, 2, &reply))
		return session_reply(s, REPLY_BACK_GONE) && false;
	s->hello = true;
	s->esmtp = *protocol == 'E';
	session_forget_mail(s);
	return true;
}

static bool
verb_helo(struct session *s, char const *arg, size_t len)
{
	bool before = s->hello;
	s->hello = false;
	if (!hello(s, arg, len, "SMTP"))
		return false;
	if (!s->hello) {
		s->hello = before;
		return true;
	}
	char text[300];
	snprintf(text, sizeof text, "250 %.255s", s->settings->myhostname);
	return session_reply(s, text);
}

static bool
offers_tls(struct session const *s)
{
	return !s->conn.ssl && s->service != SERVICE_LOCAL;
}

/* RFC 9422: what is refused beyond. */
static void
limits_keyword(struct settings const *settings, char *s, size_t size)
{
	char most[40] = "";
	if (settings->smtpd_session_message_limit)
		snprintf(most, sizeof most, " MAILMAX=%llu",
		    (unsigned long long)settings->smtpd_session_message_limit);
	snprintf(s, size, "LIMITS%s RCPTMAX=%llu", most,
	    (unsigned long long)settings->smtpd_recipient_limit);
}

/* The keyword lines of the EHLO reply, the last one without a hyphen. */
static bool
keywords(struct session *s)
{
	char size[64];
	char limits[96];
	static stralloc auth = STRALLOC_ZERO; /* used again at the next EHLO */
	if (!auth_keyword(s, &auth))
		return false;
	snprintf(size, sizeof size, "SIZE %llu",
	    (unsigned long long)s->settings->message_size_limit);
	limits_keyword(s->settings, limits, sizeof limits);
	char const *lines[] = {
		"PIPELINING",
		size,
		offers_tls(s) ? "STARTTLS" : NULL,
		auth.len ? auth.s : NULL,
		s->conn.ssl ? "REQUIRETLS" : NULL,
		"8BITMIME",
		"SMTPUTF8",
		"CHUNKING",
		"DSN",
		limits,
		"HELP",
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (lines[i] &&
		    (!conn_puts(&s->conn, "250-") ||
		        !conn_puts(&s->conn, lines[i]) ||
		        !conn_puts(&s->conn, "\r\n")))
			return false;
	return session_reply(s, "250 ENHANCEDSTATUSCODES");
}

static bool
verb_ehlo(struct session *s, char const *arg, size_t len)
{
	bool before = s->hello;
	s->hello = false;
	if (!hello(s, arg, len, "ESMTP"))
		return false;
	if (!s->hello) {
		s->hello = before;
		return true;
	}
	char text[300];
	snprintf(text, sizeof text, "250-%.255s", s->settings->myhostname);
	return session_reply(s, text) && keywords(s);
}

static bool
verb_rset(struct session *s, char const *arg, size_t len)
{
	(void)arg;
	(void)len;
	session_forget_mail(s);
	session_ask(s, REQUEST_RESET, NULL, 0);
	return true;
}

static bool
verb_noop(struct session *s, char const *arg, size_t len)
{
	(void)arg;
	(void)len;
	return session_reply(s, REPLY_OK);
}

/* VRFY string ["SMTPUTF8"], RFC 5321 4.1.1.6, RFC 6531 3.7.4.2: we never tell,
 * but for what cannot be asked. */
static bool
verb_vrfy(struct session *s, char const *arg, size_t len)
{
	static char const keyword[] = " SMTPUTF8";
	size_t n = sizeof keyword - 1;
	bool smtputf8 = len > n && strncasecmp(arg + len - n, keyword, n) == 0;
	bool ascii = true;
	for (size_t i = 0; i < len; i++)
		ascii = ascii && (unsigned char)arg[i] < 0x80;
	if (!utf8_valid(arg, len))
		return session_reply(s, REPLY_SYNTAX);
	return session_reply(s,
	    ascii || smtputf8 ? REPLY_VRFY : REPLY_UTF8_VRFY);
}

/* EXPN would tell strangers who reads whose mail. */
static bool
verb_expn(struct session *s, char const *arg, size_t len)
{
	(void)arg;
	(void)len;
	return session_reply(s, REPLY_NOT_DONE);
}

static struct verb const *find(char const *name, size_t len);

static bool
list_verbs(struct session *s)
{
	if (!conn_puts(&s->conn, "214 2.0.0 Commands:"))
		return false;
	for (struct verb const *v = verbs; v->name; v++)
		if (!conn_puts(&s->conn, " ") || !conn_puts(&s->conn, v->name))
			return false;
	return session_reply(s, "");
}

static bool
verb_help(struct session *s, char const *arg, size_t len)
{
	if (!len)
		return list_verbs(s);
	struct verb const *v = find(arg, len);
	if (!v)
		return session_reply(s, REPLY_NO_HELP);
	char text[200];
	snprintf(text, sizeof text, "214 2.0.0 %s%s%s", v->name,
	    *v->usage ? " " : "", v->usage);
	return session_reply(s, text);
}

static bool
verb_quit(struct session *s, char const *arg, size_t len)
{
	(void)arg;
	(void)len;
	s->quit = true;
	return session_reply(s, REPLY_BYE);
}

/* RFC 3207: everything before the handshake is forgotten, on both sides. */
static bool
verb_starttls(struct session *s, char const *arg, size_t len)
{
	(void)arg;
	(void)len;
	if (s->conn.ssl)
		return session_reply(s, REPLY_SEQUENCE);
	if (!offers_tls(s))
		return session_reply(s, REPLY_NOT_DONE);
	if (!session_tls(s))
		return session_reply(s, REPLY_NO_TLS);
	if (!session_reply(s, REPLY_TLS_READY) || !conn_flush(&s->conn))
		return false;
	return session_start_tls(s, true);
}

struct verb const verbs[] = {
	{ "EHLO", "<name>", verb_ehlo, ARGUMENT_NEEDED, ENDS_GROUP | JUNK },
	{ "HELO", "<name>", verb_helo, ARGUMENT_NEEDED, ENDS_GROUP | JUNK },
	{ "STARTTLS", "", verb_starttls, ARGUMENT_NONE,
	    NEEDS_HELLO | NOT_IN_MAIL },
	{ "AUTH", "<mechanism> [<initial response>]", verb_auth,
	    ARGUMENT_NEEDED, NEEDS_HELLO | NOT_IN_MAIL },
	{ "MAIL",
	    "FROM:<path> [SIZE=<octets>] [BODY=7BIT|8BITMIME] [SMTPUTF8] "
	    "[RET=FULL|HDRS] [ENVID=<xtext>] [REQUIRETLS]",
	    verb_mail, ARGUMENT_NEEDED, WANTS_HELLO },
	{ "RCPT",
	    "TO:<path> [NOTIFY=NEVER|SUCCESS,FAILURE,DELAY] "
	    "[ORCPT=<type>;<xtext>]",
	    verb_rcpt, ARGUMENT_NEEDED, NEEDS_MAIL | NOT_IN_CHUNKS },
	{ "DATA", "", verb_data, ARGUMENT_NONE,
	    NEEDS_MAIL | NEEDS_RCPT | NOT_IN_CHUNKS | ENDS_GROUP },
	/* its octets come in any case: it looks after itself */
	{ "BDAT", "<octets> [LAST]", verb_bdat, ARGUMENT_OPTIONAL, 0 },
	{ "RSET", "", verb_rset, ARGUMENT_NONE, JUNK },
	{ "NOOP", "[<text>]", verb_noop, ARGUMENT_OPTIONAL, JUNK },
	{ "VRFY", "<address> [SMTPUTF8]", verb_vrfy, ARGUMENT_NEEDED, JUNK },
	{ "EXPN", "<list>", verb_expn, ARGUMENT_NEEDED, JUNK },
	{ "HELP", "[<command>]", verb_help, ARGUMENT_OPTIONAL, JUNK },
	{ "QUIT", "", verb_quit, ARGUMENT_NONE, 0 },
	{ NULL, NULL, NULL, ARGUMENT_NONE, 0 },
};

static struct verb const *
find(char const *name, size_t len)
{
	for (struct verb const *v = verbs; v->name; v++)
		if (strlen(v->name) == len && !strncasecmp(v->name, name, len))
			return v;
	return NULL;
}

char const *
verbs_sequence(struct session const *s, unsigned int rules)
{
	if (rules & NEEDS_HELLO && !s->hello)
		return REPLY_NO_HELLO;
	if (rules & WANTS_HELLO && !s->hello &&
	    s->settings->smtpd_helo_required)
		return REPLY_NO_HELLO;
	if (rules & NEEDS_MAIL && !s->tx.mail)
		return REPLY_NO_MAIL;
	if (rules & NEEDS_RCPT && !s->tx.rcpts)
		return REPLY_NO_RCPT;
	if (rules & NOT_IN_MAIL && s->tx.mail)
		return REPLY_SEQUENCE;
	return rules & NOT_IN_CHUNKS && s->tx.chunks ? REPLY_IN_CHUNKS : NULL;
}

/* May it run now? NULL for yes, else the reply. */
static char const *
refusal(struct session const *s, struct verb const *v, size_t arg_len)
{
	if (v->argument == ARGUMENT_NONE && arg_len)
		return REPLY_NO_ARGUMENT;
	if (v->argument == ARGUMENT_NEEDED && !arg_len)
		return REPLY_SYNTAX;
	return verbs_sequence(s, v->rules);
}

bool
verbs_dispatch(struct session *s)
{
	char const *line = s->line.s;
	size_t len = s->line.len;
	while (len && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	size_t name = 0;
	while (name < len && line[name] != ' ')
		name++;
	size_t arg = name;
	while (arg < len && line[arg] == ' ')
		arg++;
	struct verb const *v = find(line, name);
	if (!turns_before_command(s, v && v->rules & ENDS_GROUP))
		return false;
	if (!v)
		return session_reply(s, REPLY_UNKNOWN);
	if (v->rules & JUNK)
		limits_junk(s);
	char const *no = refusal(s, v, len - arg);
	return no ? session_reply(s, no) : v->run(s, line + arg, len - arg);
}
