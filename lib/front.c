/* SPDX-License-Identifier: ISC */
#include "front.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/types.h>

#include "back-login.h"
#include "certificate.h"
#include "exitcode.h"
#include "log.h"
#include "pages.h"
#include "proxied.h"
#include "sandbox.h"

enum {
	FD_CHANNEL = 3,
	FD_STREAM = 4,
	LINGER = 330000,    /* ms */
	TLS_MEMORY = 163840 /* a handshake takes more */
};

/* --- the fork ------------------------------------------------------------ */

/* Both move above the numbers they will get, so that neither is in the way. */
static int
move_to(int fd, int wanted)
{
	if (fd == wanted)
		return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
	if (dup3(fd, wanted, O_CLOEXEC) < 0)
		return 0;
	return close(fd) == 0;
}

static int
place_descriptors(struct front *f)
{
	int channel = fcntl(f->channel, F_DUPFD_CLOEXEC, FD_STREAM + 1);
	int stream = f->stream < 0
	    ? -1
	    : fcntl(f->stream, F_DUPFD_CLOEXEC, FD_STREAM + 1);
	if (channel < 0 || (f->stream >= 0 && stream < 0))
		return 0;
	if (!move_to(channel, FD_CHANNEL) ||
	    (stream >= 0 && !move_to(stream, FD_STREAM)))
		return 0;
	unsigned int first = stream >= 0 ? FD_STREAM + 1 : FD_CHANNEL + 1;
	f->channel = FD_CHANNEL;
	f->stream = stream >= 0 ? FD_STREAM : -1;
	return close_range(first, ~0U, 0) == 0;
}

/* FIRST to LAST become /dev/null. */
static int
to_null(int first, int last)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), ok = null >= 0;
	for (int fd = first; ok && fd <= last; fd++)
		ok = null == fd || dup2(null, fd) == fd;
	if (null >= 0 && (null < first || null > last))
		close(null);
	return ok;
}

/* The log goes through the back; a sanitizer's report needs stderr. */
static int
drop_stderr(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return 1;
#else
	return to_null(2, 2);
#endif
}

static void
quick_replies(int fd)
{
	int one = 1;
	/* not a TCP socket: nothing to hurry */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static enum front_side
become_front(struct front *f)
{
	quick_replies(1);
	if (place_descriptors(f) && drop_stderr() && sandbox_front())
		return FRONT_FRONT;
	f->channel = -1;
	return FRONT_FAILED; /* the back logs it, too */
}

static int
make_pairs(int channel[2], int stream[2], bool with_stream)
{
	stream[0] = stream[1] = -1;
	return channel_pair(channel) &&
	    (!with_stream ||
	        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream) ==
	            0);
}

enum front_side
front_fork(struct front *f, bool with_stream)
{
	int channel[2];
	int stream[2];
	f->leave = f->mechanisms_known = false;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ,
	    SIG_IGN); /* a file size limit is an error like another */
	if (!make_pairs(channel, stream, with_stream))
		return FRONT_FAILED;
	pid_t pid = fork();
	if (pid < 0)
		return FRONT_FAILED;
	int mine = pid == 0 ? 0 : 1;
	close(channel[!mine]);
	f->channel = channel[mine];
	f->stream = stream[mine];
	if (with_stream)
		close(stream[!mine]);
	if (pid == 0) {
		return become_front(f);
	}
	f->child = pid;
	if (!to_null(0, 1))
		return FRONT_FAILED;
	return FRONT_BACK;
}

/* --- the front's side ---------------------------------------------------- */

int
front_ask(struct front *f, uint8_t type, struct channel_field const *fields,
    unsigned int count, struct channel_message *reply)
{
	if (!channel_send(f->channel, type, fields, count, NULL, 0))
		return 0;
	for (;;) {
		if (channel_receive(f->channel, reply) != 1)
			return 0;
		if (reply->type != REPLY_LEAVE)
			return 1;
		f->leave = true;
	}
}

void
front_log(struct front *f, char const *event, char const *detail)
{
	struct channel_field fields[2] = { channel_text(event),
		channel_text(detail) };
	/* a line that cannot be sent is lost with the back itself */
	(void)channel_send(f->channel, REQUEST_LOG, fields, 2, NULL, 0);
}

static struct channel_message answer; /* too large for a stack frame */

bool
front_must_leave(struct front *f)
{
	return f->leave ||
	    (channel_receive(f->channel, &answer) == 1 &&
	        answer.type == REPLY_LEAVE);
}

static int
ask_certificate(void *arg, char const *name, stralloc *pem)
{
	struct channel_field field = channel_text(name);
	pem->len = 0;
	if (!front_ask(arg, REQUEST_CERTIFICATE, &field, 1, &answer) ||
	    answer.type != REPLY_YES || answer.count != 1)
		return 0;
	int ok = stralloc_copyb(pem, answer.field[0].s, answer.field[0].len);
	channel_wipe(&answer);
	return ok;
}

static int
ask_ticket_keys(void *arg, struct tls_ticket_keys *keys)
{
	keys->count = 0;
	if (!front_ask(arg, REQUEST_TICKET_KEYS, NULL, 0, &answer) ||
	    answer.type != REPLY_YES || answer.count > TLS_TICKET_KEYS)
		return 0;
	for (unsigned int i = 0; i < answer.count; i++) {
		if (answer.field[i].len != TLS_TICKET_KEY_SIZE)
			return 0;
		memcpy(keys->key[i], answer.field[i].s, TLS_TICKET_KEY_SIZE);
	}
	keys->count = answer.count;
	channel_wipe(&answer);
	return 1;
}

static void
report_tls(void *arg)
{
	front_log(arg, "tls-unavailable", tls_reason());
}

struct ssl_ctx_st *
front_tls(struct front *f, struct settings const *settings)
{
	static struct tls_source source;
	source.certificate = ask_certificate;
	source.ticket_keys = ask_ticket_keys;
	source.unusable = report_tls;
	source.arg = f;
	pages_prepare(TLS_MEMORY);
	struct ssl_ctx_st *ctx =
	    tls_server(&source, settings->ssl_min_protocol);
	if (!ctx)
		report_tls(f);
	return ctx;
}

int
front_ask_text(struct front *f, uint8_t type,
    struct channel_field const *fields, unsigned int count, stralloc *text)
{
	text->len = 0;
	if (!front_ask(f, type, fields, count, &answer) ||
	    (answer.count &&
	        !stralloc_copyb(text, answer.field[0].s, answer.field[0].len)))
		return REPLY_LATER;
	return answer.type;
}

int
front_login(struct front *f, char const *mechanism, struct channel_field login,
    struct channel_field password)
{
	struct channel_field fields[3] = { channel_text(mechanism), login,
		password };
	return front_ask(f, REQUEST_LOGIN, fields, 3, &answer) ? answer.type
	                                                       : REPLY_LATER;
}

int
front_logout(struct front *f)
{
	return front_ask(f, REQUEST_LOGOUT, NULL, 0, &answer);
}

/* --- the back's side ----------------------------------------------------- */

void
back_reply(struct back *b, uint8_t type, struct channel_field const *fields,
    unsigned int count)
{
	back_reply_with(b, type, fields, count, -1);
}

void
back_reply_with(struct back *b, uint8_t type,
    struct channel_field const *fields, unsigned int count, int fd)
{
	/* both would wait for the other for ever; a front that is gone shows at
	 * the next receive */
	if (!channel_send(b->channel, type, fields, count, &fd, fd >= 0) &&
	    errno != EPIPE && errno != ECONNRESET) {
		log_error("answer the front process", NULL, errno);
		shutdown(b->channel, SHUT_RDWR);
	}
}

void
back_wait(struct front const *f)
{
	int status;
	while (waitpid(f->child, &status, 0) < 0)
		if (errno != EINTR)
			return;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_OK)
		back_log_end("run the front process", status);
}

void
back_log_end(char const *what, int status)
{
	char how[40];
	snprintf(how, sizeof how, "%s %d",
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	log_event("error", "what", what, "ended", how, (char *)NULL);
}

void
back_linger(int fd)
{
	char piece[256];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	shutdown(fd, SHUT_WR);
	while (poll(&p, 1, LINGER) > 0)
		if (read(fd, piece, sizeof piece) <= 0)
			return;
}

static void
answer_certificate(struct back *b, struct channel_message const *m)
{
	char name[256];
	stralloc pem = STRALLOC_ZERO;
	if (!channel_string(m, 0, name, sizeof name) ||
	    !certificate_find(name, &pem)) {
		back_reply(b, REPLY_NO, NULL, 0);
		return;
	}
	struct channel_field field = { pem.s ? pem.s : "", pem.len };
	back_reply(b, REPLY_YES, &field, 1);
	if (pem.s)
		explicit_bzero(pem.s, pem.a);
	stralloc_free(&pem);
}

static void
answer_ticket_keys(struct back *b)
{
	struct tls_ticket_keys keys;
	struct channel_field fields[TLS_TICKET_KEYS];
	if (!certificate_ticket_keys(&keys)) {
		back_reply(b, REPLY_NO, NULL, 0);
		return;
	}
	for (unsigned int i = 0; i < keys.count; i++) {
		fields[i].s = (char const *)keys.key[i];
		fields[i].len = TLS_TICKET_KEY_SIZE;
	}
	back_reply(b, REPLY_YES, fields, keys.count);
	explicit_bzero(&keys, sizeof keys);
}

/* The front may be in a stranger's hands: its words are values, never the
 * event of a line that means something else. */
static void
write_log(struct back *b, struct channel_message const *m)
{
	static char const *const events[] = { "tls-unavailable", "tls-failed",
		"tls", "timeout", "lost", "refused", "unsafe-input",
		"too-many-errors", "auth-cancelled", "proxy-failed",
		"wrong-commands" };
	char event[32];
	char detail[512];
	if (!channel_string(m, 0, event, sizeof event) ||
	    !channel_string(m, 1, detail, sizeof detail))
		return;
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (strcmp(events[i], event) == 0)
			log_event(events[i], "ip", peer_text(b->peer), "detail",
			    detail, (char *)NULL);
	if (strcmp(event, "tls-unavailable") == 0)
		log_event("error", "what", "offer TLS (try: besace maps)",
		    "object", "certificates", "reason", detail, (char *)NULL);
	unsigned int errors;
	if (strcmp(event, "wrong-commands") == 0 && uint0_scan(detail, &errors))
		abuse_count(&b->abuse, ABUSE_REFUSAL, errors);
}

bool
back_answer(struct back *b, struct channel_message const *m)
{
	switch (m->type) {
	case REQUEST_CERTIFICATE:
		answer_certificate(b, m);
		return true;
	case REQUEST_TICKET_KEYS:
		answer_ticket_keys(b);
		return true;
	case REQUEST_PROXY:
		back_proxy(b, m);
		return true;
	case REQUEST_LOG:
		write_log(b, m);
		return true;
	default:
		return back_login_answer(b, m);
	}
}
