/* SPDX-License-Identifier: ISC */
/* AUTH, RFC 4954: the exchange here, the verdict in the back. */
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "reply.h"
#include "sasl.h"
#include "verbs.h"

/* Sends a challenge and reads its answer, decoded, into *OUT. 1; 0 answered
 * already, go on with the session; -1 the session is over. */
static int
exchange(struct session *s, char const *challenge, stralloc *out)
{
	if (!conn_puts(&s->conn, "334 ") || !conn_puts(&s->conn, challenge) ||
	    !conn_puts(&s->conn, "\r\n"))
		return -1;
	int r = session_read_line(s, AUTH_LINE_MAX);
	if (r < 0)
		return session_reply(s, REPLY_LINE_TOO_LONG) ? 0 : -1;
	if (r == 0)
		return -1;
	if (s->line.len == 1 && s->line.s[0] == '*')
		return session_reply(s, REPLY_CANCELLED) ? 0 : -1;
	out->len = 0;
	if (base64_decode(s->line.s, s->line.len, out) <= 0)
		return session_reply(s, REPLY_BAD_BASE64) ? 0 : -1;
	return 1;
}

/* The initial response when there is one ("=" is an empty one), else what the
 * client answers to CHALLENGE. As exchange. */
static int
first_response(struct session *s, char const *initial, size_t len,
    char const *challenge, stralloc *out)
{
	if (!len)
		return exchange(s, challenge, out);
	out->len = 0;
	if (len == 1 && *initial == '=')
		return 1;
	if (base64_decode(initial, len, out) <= 0)
		return session_reply(s, REPLY_BAD_BASE64) ? 0 : -1;
	return 1;
}

static bool
verdict(struct session *s, char const *mechanism, struct channel_field login,
    struct channel_field password)
{
	int r = front_login(s->front, mechanism, login, password);
	s->authenticated = r == REPLY_YES;
	return session_reply(s,
	    r == REPLY_YES      ? REPLY_AUTH_OK
	        : r == REPLY_NO ? REPLY_AUTH_WRONG
	                        : REPLY_AUTH_LATER);
}

static void
wipe(stralloc *sa)
{
	if (sa->s)
		explicit_bzero(sa->s, sa->a);
	stralloc_free(sa);
}

static bool
auth_plain(struct session *s, char const *initial, size_t len)
{
	struct channel_field login;
	struct channel_field password;
	stralloc response = STRALLOC_ZERO;
	bool go_on;
	int r = first_response(s, initial, len, "", &response);
	if (r <= 0)
		go_on = r == 0;
	else if (sasl_plain(response.s, response.len, &login, &password))
		go_on = verdict(s, "PLAIN", login, password);
	else
		go_on = session_reply(s, REPLY_AUTH_WRONG);
	wipe(&response);
	return go_on;
}

/* Never a standard, asked for by old clients: two prompts. */
static bool
auth_login(struct session *s, char const *initial, size_t len)
{
	stralloc login = STRALLOC_ZERO;
	stralloc password = STRALLOC_ZERO;
	int r = first_response(s, initial, len, "VXNlcm5hbWU6", &login);
	if (r > 0)
		r = exchange(s, "UGFzc3dvcmQ6", &password);
	bool go_on = r == 0;
	if (r > 0) {
		struct channel_field l = { login.s ? login.s : "", login.len };
		struct channel_field p = { password.s ? password.s : "",
			password.len };
		go_on = verdict(s, "LOGIN", l, p);
	}
	wipe(&password);
	stralloc_free(&login);
	return go_on;
}

static struct {
	char const *name;
	bool (*run)(struct session *s, char const *initial, size_t len);
} const mechanisms[] = {
	{ "PLAIN", auth_plain },
	{ "LOGIN", auth_login },
};

bool
verb_auth(struct session *s, char const *arg, size_t len)
{
	if (s->authenticated)
		return session_reply(s, REPLY_SEQUENCE);
	if (!s->conn.ssl && s->settings->disable_plaintext_auth)
		return session_reply(s, REPLY_NEED_TLS);
	char const *blank = memchr(arg, ' ', len);
	size_t name = blank ? (size_t)(blank - arg) : len;
	size_t rest = name;
	while (rest < len && arg[rest] == ' ')
		rest++;
	for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
		if (strlen(mechanisms[i].name) == name &&
		    !strncasecmp(mechanisms[i].name, arg, name))
			return mechanisms[i].run(s, arg + rest, len - rest);
	return session_reply(s, REPLY_MECHANISM);
}
