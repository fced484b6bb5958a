/* SPDX-License-Identifier: ISC */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/stralloc.h>

#include "bytes.h"
#include "channel.h"
#include "ending.h"
#include "exitcode.h"
#include "log.h"
#include "monotonic.h"
#include "sandbox.h"
#include "smtp-time.h"
#include "tls-client.h"
#include "tls.h"

enum { REQUEST_OPEN = 1, REQUEST_SEND, REQUEST_QUIT };

enum {
	FD_CHANNEL = 3,
	OPEN_FIELDS = 5,
	SEND_FIELDS = 5,
	RESULT_FIELDS = 3,
	RESULT_FLAGS = 4,
	MARGIN = 10, /* seconds that its process may need beyond time limits */
	SECONDS_MAX = 20 * 86400
};

static struct channel_message message; /* too large for a stack frame */

static struct channel_field
field_of(void const *s, size_t len)
{
	return (struct channel_field){ s, len };
}

/* --- the process: its requests ---------------------------------------------- */

/* Strings, each with a NUL behind it, one after the other. */
static char const *
take_string(struct bytes *rest)
{
	char const *end = memchr(rest->s, 0, rest->len), *s = rest->s;
	if (!end)
		return "";
	rest->len -= (size_t)(end + 1 - s);
	rest->s = end + 1;
	return s;
}

static char const *
field_string(unsigned int i)
{
	struct bytes b = { message.field[i].s, message.field[i].len };
	return take_string(&b);
}

static bool
has_flag(unsigned int i, char flag)
{
	return strchr(field_string(i), flag) != NULL;
}

static void
name_tls(struct session const *s, char out[CLIENT_TLS_MAX])
{
	*out = 0;
	if (s->open && s->conn.ssl)
		snprintf(out, CLIENT_TLS_MAX, "%s:%s",
		    tls_protocol(s->conn.ssl), tls_cipher(s->conn.ssl));
}

static int
serve_open(int channel, struct session *s)
{
	static struct tls_policy policy;
	struct client_session result;
	session_quit(s);
	memcpy(&policy, message.field[1].s, sizeof policy);
	struct session_request r = { .where = field_string(0),
		.policy = &policy,
		.login = field_string(2),
		.password = field_string(3),
		.auth_in_clear = has_flag(4, 'c'),
		.find_loop = has_flag(4, 'l'),
		.smtps = has_flag(4, 's') };
	memset(&result, 0, sizeof result);
	result.outcome = session_open(s, message.fd[0], &r);
	result.failure = s->failure;
	result.tls_result = s->tls_result;
	name_tls(s, result.tls);
	explicit_bzero(message.bytes, sizeof message.bytes);
	struct channel_field field = field_of(&result, sizeof result);
	return channel_send(channel, REQUEST_OPEN, &field, 1, NULL, 0);
}

static void
read_transaction(struct transaction *t)
{
	struct bytes rest = { message.field[4].s, message.field[4].len };
	memset(t, 0, sizeof *t);
	t->fd = message.fd[0];
	sscanf(field_string(0), "%lu %lu", &t->start, &t->size);
	t->sender = field_string(1);
	t->envid = field_string(2);
	t->smtputf8 = has_flag(3, 'u');
	t->requiretls = has_flag(3, 'r');
	t->seven_bit = has_flag(3, '7');
	t->ret = has_flag(3, 'f') ? DSN_RET_FULL
	    : has_flag(3, 'h')    ? DSN_RET_HDRS
	                          : DSN_RET_UNSAID;
	while (rest.len && t->count < TRANSACTION_RECIPIENTS) {
		struct transaction_recipient *r = &t->recipient[t->count++];
		r->address = take_string(&rest);
		r->notify = (unsigned int)strtoul(take_string(&rest), NULL, 10);
		r->orcpt = take_string(&rest);
	}
}

static int
serve_send(int channel, struct session *s)
{
	static struct transaction t;
	static struct answer answer[TRANSACTION_RECIPIENTS];
	bool done = true;
	read_transaction(&t);
	if (s->open)
		done = transaction_run(s, &t, answer);
	else
		memset(answer, 0, sizeof answer);
	close(t.fd);
	char flags[RESULT_FLAGS] = { s->open ? 'o' : '-',
		s->can.dsn ? 'd' : '-', !s->open && s->again ? 'a' : '-',
		done ? '-' : '7' };
	struct channel_field fields[RESULT_FIELDS] = {
		field_of(flags, sizeof flags),
		field_of(&s->failure, sizeof s->failure),
		field_of(answer, t.count * sizeof *answer),
	};
	return channel_send(channel, REQUEST_SEND, fields, RESULT_FIELDS, NULL,
	    0);
}

/* Requests come from ourselves: one that is wrong is the end. */
static int
serve(int channel, struct session *s)
{
	while (channel_receive(channel, &message) == 1) {
		bool with_fd = message.fd_count == 1;
		if (message.type == REQUEST_OPEN && with_fd &&
		    message.count == OPEN_FIELDS &&
		    message.field[1].len == sizeof(struct tls_policy)) {
			if (!serve_open(channel, s))
				return EXIT_OSERR;
		} else if (message.type == REQUEST_SEND && with_fd &&
		    message.count == SEND_FIELDS) {
			if (!serve_send(channel, s))
				return EXIT_OSERR;
		} else if (message.type == REQUEST_QUIT) {
			session_quit(s);
		} else {
			return EXIT_BUG;
		}
	}
	session_quit(s);
	return EXIT_OK;
}

/* --- the process: its start ------------------------------------------------- */

/* Standard input is the list of the queue's files, the output is for results:
 * neither is for this process. A sanitizer's report needs stderr. */
static bool
keep_only(int channel)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool ok = null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1;
#if !defined(__SANITIZE_ADDRESS__)
	ok = ok && dup2(null, 2) == 2;
#endif
	return ok && dup2(channel, FD_CHANNEL) == FD_CHANNEL &&
	    close_range(FD_CHANNEL + 1, ~0U, 0) == 0;
}

static int
run_client(int channel, struct settings const *settings)
{
	static struct session s;
	s.settings = settings;
	s.alert = FD_CHANNEL;
	signal(SIGTERM, SIG_IGN); /* it ends when we do */
	tls_client_prepare(settings->smtp_tls_CAfile);
	tzset(); /* gmtime(3), of a certificate's dates, reads the zone first */
	if (!keep_only(channel) || !sandbox_front())
		return EXIT_OSERR;
	return serve(FD_CHANNEL, &s);
}

int
client_start(struct client *c, struct settings const *settings)
{
	int ends[2];
	signal(SIGPIPE, SIG_IGN);
	if (!channel_pair(ends))
		return 0;
	c->pid = fork();
	if (c->pid == 0)
		_exit(run_client(ends[1], settings));
	int saved = errno;
	close(ends[1]);
	c->channel = ends[0];
	c->settings = settings;
	errno = saved;
	return c->pid > 0;
}

/* --- our side --------------------------------------------------------------- */

static int
put_string(stralloc *sa, char const *s)
{
	return stralloc_cats(sa, s) && stralloc_0(sa);
}

/* A field with its NUL. */
static struct channel_field
string_field(char const *s)
{
	return field_of(s, strlen(s) + 1);
}

/* Whether FD is readable, or at its end, within SECONDS; asked to end, C hears
 * of it, and goes on only with what it must not leave. */
static bool
is_readable(struct client *c, int fd, uint64_t seconds)
{
	int64_t left,
	    end = monotonic_ms() +
	    (int64_t)(seconds < SECONDS_MAX ? seconds : SECONDS_MAX) * 1000;
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
		{ .fd = ending_fd(), .events = POLLIN } };
	int r;
	do {
		left = end - monotonic_ms();
		r = poll(p, 2, left > 0 ? (int)left : 0);
		if (r > 0 && p[1].revents) {
			client_quit(c);
			p[1].fd = -1;
		}
	} while ((r < 0 && errno == EINTR) || (r > 0 && !p[0].revents));
	return r != 0;
}

/* Its time limits have ended long ago: it is stopped, or in a stranger's hands.
 * It gets no other word of ours. Where we were root it is another user's and
 * not ours to kill; it ends when it sees that we are gone. */
static bool
force_end(struct client *c)
{
	bool killed = kill(c->pid, SIGKILL) == 0;
	log_event("error", "what", "wait for the process that talks to others",
	    "reason",
	    killed ? "it does not answer: killed"
	           : "it does not answer: left alone",
	    (char *)NULL);
	return killed;
}

/* 1; 0: the process is gone. */
static int
send_request(struct client *c, uint8_t type, struct channel_field const *fields,
    unsigned int count, int fd)
{
	if (!c->gone)
		c->gone =
		    !channel_send(c->channel, type, fields, count, &fd, 1);
	return !c->gone;
}

/* Waits for the reply to a request, which takes as long as SECONDS and what the
 * process may need beyond them. */
static int
take_reply(struct client *c, uint8_t type, uint64_t seconds)
{
	c->gone = true;
	if (!is_readable(c, c->channel, seconds + MARGIN)) {
		force_end(c);
		return 0;
	}
	if (channel_receive(c->channel, &message) != 1)
		return 0;
	c->gone = false;
	for (unsigned int i = 0; i < message.fd_count; i++)
		close(message.fd[i]);
	return message.type == type;
}

static int
ask(struct client *c, uint8_t type, struct channel_field const *fields,
    unsigned int count, int fd, uint64_t seconds)
{
	return send_request(c, type, fields, count, fd) &&
	    take_reply(c, type, seconds);
}

/* What a process in a stranger's hands may have written is made an answer. */
static void
take_answer(struct answer *a, char const *s)
{
	memcpy(a, s, sizeof *a);
	a->status[sizeof a->status - 1] = 0;
	a->text[sizeof a->text - 1] = 0;
	if (a->verdict >= VERDICTS)
		a->verdict = VERDICT_DEFERRED;
	if (a->code > 599)
		a->code = 0;
}

int
client_open(struct client *c, int fd, struct session_request const *r,
    struct client_session *result)
{
	char flags[4] = "";
	snprintf(flags, sizeof flags, "%s%s%s", r->auth_in_clear ? "c" : "",
	    r->find_loop ? "l" : "", r->smtps ? "s" : "");
	struct channel_field fields[OPEN_FIELDS] = { string_field(r->where),
		field_of(r->policy, sizeof *r->policy), string_field(r->login),
		string_field(r->password), string_field(flags) };
	int ok = ask(c, REQUEST_OPEN, fields, OPEN_FIELDS, fd,
	             smtp_time_session(c->settings)) &&
	    message.count == 1 && message.field[0].len == sizeof *result;
	close(fd);
	if (!ok)
		return 0;
	memcpy(result, message.field[0].s, sizeof *result);
	take_answer(&result->failure,
	    message.field[0].s + offsetof(struct client_session, failure));
	result->tls[sizeof result->tls - 1] = 0;
	if (result->tls_result >= TLS_RESULTS)
		result->tls_result = TLS_RESULT_NONE;
	return result->outcome <= SESSION_TLS_FAILED;
}

static int
pack_recipients(struct transaction const *t, stralloc *sa)
{
	char notify[12];
	for (unsigned int i = 0; i < t->count; i++) {
		struct transaction_recipient const *r = &t->recipient[i];
		snprintf(notify, sizeof notify, "%u", r->notify);
		if (!put_string(sa, r->address) || !put_string(sa, notify) ||
		    !put_string(sa, r->orcpt))
			return 0;
	}
	return 1;
}

static int
take_result(struct transaction const *t, struct client_result *result)
{
	size_t size = sizeof(struct answer);
	if (message.count != RESULT_FIELDS ||
	    message.field[0].len != RESULT_FLAGS ||
	    message.field[1].len != size ||
	    message.field[2].len != t->count * size)
		return 0;
	result->open = message.field[0].s[0] == 'o';
	result->dsn = message.field[0].s[1] == 'd';
	result->again = message.field[0].s[2] == 'a';
	result->seven_bit = message.field[0].s[3] == '7';
	take_answer(&result->failure, message.field[1].s);
	for (unsigned int i = 0; i < t->count; i++)
		take_answer(&result->answer[i], message.field[2].s + i * size);
	return 1;
}

int
client_send(struct client *c, struct transaction const *t)
{
	static stralloc recipients;
	char place[48], flags[5];
	recipients.len = 0;
	snprintf(place, sizeof place, "%lu %lu", t->start, t->size);
	snprintf(flags, sizeof flags, "%s%s%s%s", t->smtputf8 ? "u" : "",
	    t->requiretls ? "r" : "", t->seven_bit ? "7" : "",
	    t->ret == DSN_RET_FULL       ? "f"
	        : t->ret == DSN_RET_HDRS ? "h"
	                                 : "");
	if (!pack_recipients(t, &recipients))
		return 0;
	struct channel_field fields[SEND_FIELDS] = { string_field(place),
		string_field(t->sender), string_field(t->envid),
		string_field(flags), field_of(recipients.s, recipients.len) };
	return send_request(c, REQUEST_SEND, fields, SEND_FIELDS, t->fd);
}

int
client_hear(struct client *c, struct transaction const *t,
    struct client_result *result)
{
	return take_reply(c, REQUEST_SEND,
	           smtp_time_transaction(c->settings, t->count, t->size)) &&
	    take_result(t, result);
}

void
client_quit(struct client *c)
{
	/* a process that is gone has no session */
	(void)channel_send(c->channel, REQUEST_QUIT, NULL, 0, NULL, 0);
}

static bool
has_ended(struct client *c)
{
	int pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	bool ended = pidfd >= 0 && is_readable(c, pidfd, MARGIN);
	if (pidfd >= 0)
		close(pidfd);
	return ended;
}

void
client_end(struct client *c)
{
	int status;
	char how[40];
	close(c->channel);
	c->channel = -1;
	if (!has_ended(c) && !force_end(c))
		return;
	while (waitpid(c->pid, &status, 0) < 0)
		if (errno != EINTR)
			return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_OK)
		return;
	snprintf(how, sizeof how, "%s %d",
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	log_event("error", "what", "run the process that talks to others",
	    "ended", how, (char *)NULL);
}
