/* SPDX-License-Identifier: ISC */
#include "envelope.h"

#include <string.h>
#include <strings.h>

#include "limits.h"
#include "reply.h"
#include "request.h"
#include "verbs.h"

enum { WORD_MAX = 255 };

bool
envelope_word(char const *s, size_t len)
{
	if (len == 0 || len > WORD_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] <= 0x20 || s[i] == 0x7f)
			return false;
	return true;
}

/* The path behind "FROM:" or "TO:". NULL when it is not there. */
static char const *
path_start(char const *s, size_t len, char const *keyword)
{
	size_t n = strlen(keyword);
	if (len < n || strncasecmp(s, keyword, n) != 0)
		return NULL;
	while (n < len && s[n] == ' ')
		n++;
	return s + n;
}

char const *
envelope_mail(char const *s, size_t len, struct mail_arguments *m)
{
	char const *end = s + len;
	char const *p = path_start(s, len, "FROM:");
	if (!p)
		return REPLY_SYNTAX;
	size_t used = address_path(p, (size_t)(end - p), &m->sender);
	if (!used) /* the back has a rule for it */
		used = address_path_bare(p, (size_t)(end - p), &m->sender);
	if (!used)
		return REPLY_BAD_ADDRESS;
	p += used;
	char const *no = mail_options_read(p, (size_t)(end - p), &m->options);
	return !no && m->sender.utf8 && !m->options.smtputf8 ? REPLY_UTF8 : no;
}

char const *
envelope_rcpt(char const *s, size_t len, bool smtputf8,
    struct rcpt_arguments *r)
{
	char const *end = s + len;
	char const *p = path_start(s, len, "TO:");
	if (!p)
		return REPLY_SYNTAX;
	size_t used = address_path(p, (size_t)(end - p), &r->recipient);
	if (!used || !r->recipient.local_len)
		return REPLY_BAD_RECIPIENT;
	if (r->recipient.utf8 && !smtputf8)
		return REPLY_UTF8;
	p += used;
	return rcpt_options_read(p, (size_t)(end - p), smtputf8, &r->options);
}

/* What the front has against the sender. NULL for nothing. */
static char const *
objection(struct session const *s, struct mail_options const *o)
{
	if (o->has_size && o->size > s->settings->message_size_limit)
		return REPLY_TOO_LARGE;
	/* RFC 8689 section 4.1: offered inside TLS only */
	return o->requiretls && !s->conn.ssl ? REPLY_PARAMETER : NULL;
}

static struct channel_field
field_of(stralloc const *sa)
{
	return (struct channel_field){ sa->s ? sa->s : "", sa->len };
}

bool
verb_mail(struct session *s, char const *arg, size_t len)
{
	struct mail_arguments m;
	stralloc sender = STRALLOC_ZERO;
	stralloc options = STRALLOC_ZERO;
	if (s->bare) {
		/* the two sides may not agree on where that message ended */
		s->quit = true;
		return session_reply(s, REPLY_BARE_BEFORE);
	}
	if (!limits_message(s)) {
		s->quit = true;
		return session_reply(s, REPLY_MESSAGES_OVER);
	}
	if (s->tx.mail)
		return session_reply(s, REPLY_NESTED_MAIL);
	char const *no = envelope_mail(arg, len, &m);
	if (!no)
		no = objection(s, &m.options);
	if (!no &&
	    (!address_format(&m.sender, &sender) ||
	        !mail_options_format(&m.options, &options)))
		no = REPLY_LATER_TEXT;
	if (no)
		session_reply(s, no);
	else {
		struct channel_field fields[2] = { field_of(&sender),
			field_of(&options) };
		s->tx.mail = session_ask(s, REQUEST_MAIL, fields, 2);
		s->tx.smtputf8 = m.options.smtputf8;
	}
	stralloc_free(&sender);
	stralloc_free(&options);
	return true;
}

bool
verb_rcpt(struct session *s, char const *arg, size_t len)
{
	struct rcpt_arguments r;
	stralloc recipient = STRALLOC_ZERO;
	stralloc options = STRALLOC_ZERO;
	char const *no = envelope_rcpt(arg, len, s->tx.smtputf8, &r);
	if (!no &&
	    (!address_format(&r.recipient, &recipient) ||
	        !rcpt_options_format(&r.options, &options)))
		no = REPLY_LATER_TEXT;
	if (no)
		session_reply(s, no);
	else {
		struct channel_field fields[2] = { field_of(&recipient),
			field_of(&options) };
		s->tx.rcpts += session_ask(s, REQUEST_RCPT, fields, 2);
	}
	stralloc_free(&recipient);
	stralloc_free(&options);
	return true;
}
