/* SPDX-License-Identifier: ISC */
#include "envelope.h"

#include <string.h>
#include <strings.h>

#include "reply.h"
#include "request.h"
#include "verbs.h"

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

static char const *
size_parameter(struct mail_arguments *m, char const *value, size_t len)
{
	uint64_t n = 0;
	if (m->has_size || len == 0 || len > 20)
		return REPLY_BAD_SIZE;
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return REPLY_BAD_SIZE;
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(value[i] - '0'), &n))
			return REPLY_TOO_LARGE;
	}
	m->has_size = true;
	m->size = n;
	return NULL;
}

static char const *
body_parameter(struct mail_arguments *m, char const *value, size_t len)
{
	(void)m;
	if ((len == 4 && strncasecmp(value, "7BIT", 4) == 0) ||
	    (len == 8 && strncasecmp(value, "8BITMIME", 8) == 0))
		return NULL;
	return REPLY_SYNTAX;
}

/* RFC 4954 section 5: who the message was first submitted by. Nobody is
 * trusted to say so, which the RFC lets us answer by doing as if "<>". */
static char const *
auth_parameter(struct mail_arguments *m, char const *value, size_t len)
{
	(void)m;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] <= 0x20 ||
		    (unsigned char)value[i] >= 0x7f)
			return REPLY_SYNTAX;
	return len ? NULL : REPLY_SYNTAX;
}

static struct {
	char const *name;
	char const *(
	    *read)(struct mail_arguments *m, char const *value, size_t len);
} const parameters[] = {
	{ "SIZE=", size_parameter },
	{ "BODY=", body_parameter },
	{ "AUTH=", auth_parameter },
};

static char const *
one_parameter(struct mail_arguments *m, char const *s, size_t len)
{
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		size_t n = strlen(parameters[i].name);
		if (len >= n && strncasecmp(s, parameters[i].name, n) == 0)
			return parameters[i].read(m, s + n, len - n);
	}
	return REPLY_PARAMETER;
}

char const *
envelope_mail(char const *s, size_t len, struct mail_arguments *m)
{
	char const *end = s + len;
	char const *p = path_start(s, len, "FROM:");
	m->has_size = false;
	m->size = 0;
	if (!p)
		return REPLY_SYNTAX;
	size_t used = address_path(p, (size_t)(end - p), &m->sender);
	if (!used) /* the back has a rule for it */
		used = address_path_bare(p, (size_t)(end - p), &m->sender);
	if (!used)
		return REPLY_BAD_ADDRESS;
	if (m->sender.utf8)
		return REPLY_UTF8;
	p += used;
	while (p < end) {
		if (*p != ' ')
			return REPLY_SYNTAX;
		while (p < end && *p == ' ')
			p++;
		char const *stop = p;
		while (stop < end && *stop != ' ')
			stop++;
		char const *no = one_parameter(m, p, (size_t)(stop - p));
		if (no)
			return no;
		p = stop;
	}
	return NULL;
}

char const *
envelope_rcpt(char const *s, size_t len, struct address *recipient)
{
	char const *p = path_start(s, len, "TO:");
	if (!p)
		return REPLY_SYNTAX;
	size_t left = len - (size_t)(p - s);
	size_t used = address_path(p, left, recipient);
	if (!used || !recipient->local_len)
		return REPLY_BAD_RECIPIENT;
	if (recipient->utf8)
		return REPLY_UTF8;
	if (used == left)
		return NULL;
	return p[used] == ' ' ? REPLY_PARAMETER : REPLY_SYNTAX;
}

bool
verb_mail(struct session *s, char const *arg, size_t len)
{
	struct mail_arguments m;
	if (s->tx.mail)
		return session_reply(s, REPLY_NESTED_MAIL);
	char const *no = envelope_mail(arg, len, &m);
	if (no)
		return session_reply(s, no);
	if (m.has_size && m.size > s->settings->message_size_limit)
		return session_reply(s, REPLY_TOO_LARGE);
	stralloc sender = STRALLOC_ZERO;
	if (address_format(&m.sender, &sender)) {
		struct channel_field field = { sender.s ? sender.s : "",
			sender.len };
		s->tx.mail = session_ask(s, REQUEST_MAIL, &field, 1);
	}
	stralloc_free(&sender);
	return true;
}

bool
verb_rcpt(struct session *s, char const *arg, size_t len)
{
	struct address recipient;
	char const *no = envelope_rcpt(arg, len, &recipient);
	if (no)
		return session_reply(s, no);
	stralloc text = STRALLOC_ZERO;
	if (address_format(&recipient, &text)) {
		struct channel_field field = { text.s, text.len };
		s->tx.rcpts += session_ask(s, REQUEST_RCPT, &field, 1);
	}
	stralloc_free(&text);
	return true;
}
