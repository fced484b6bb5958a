/* SPDX-License-Identifier: ISC */
#include "admit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/* --- at the door ----------------------------------------------------------- */

static bool
is_banned(struct back *b, struct refusal *why)
{
	static char text[PEER_IP_MAX + ABUSE_TIME_MAX + 80];
	char time[ABUSE_TIME_MAX];
	abuse_open(&b->abuse, b->settings, b->peer->ip);
	int64_t until = abuse_banned_until(&b->abuse);
	if (!until)
		return false;
	abuse_time(until, time);
	why->rule = "abuse_ban_time";
	why->text = text;
	if (until == ABUSE_FOREVER)
		snprintf(text, sizeof text, "Clients at %s are not served",
		    b->peer->ip);
	else
		snprintf(text, sizeof text,
		    "Too many failures from %s, not served until %s",
		    b->peer->ip, time);
	return true;
}

static struct open_limits
limits_of(struct back const *b)
{
	struct settings const *s = b->settings;
	bool smtp = strcmp(b->service, "smtp") == 0;
	return (struct open_limits){
		.of_source = smtp && !abuse_is_exempt(s, b->peer->ip)
		    ? s->smtpd_client_connection_count_limit
		    : 0,
		.strangers = s->stranger_limit,
		.message = s->smtpd_stranger_timeout,
	};
}

/* Where it comes from: an address, or a user of this machine. false for who
 * needs no place. */
static bool
find_source(struct back const *b, unsigned char source[OPEN_SOURCE])
{
	static char const name[] = "local user";
	if (!b->local)
		return abuse_source(b->peer->ip, source);
	memset(source, 0, OPEN_SOURCE);
	memcpy(source, name, sizeof name - 1);
	memcpy(source + OPEN_SOURCE - sizeof b->uid, &b->uid, sizeof b->uid);
	return b->uid != 0;
}

static bool
has_place(struct back *b, struct refusal *why)
{
	unsigned char source[OPEN_SOURCE];
	struct open_limits limits = limits_of(b);
	if (!find_source(b, source))
		return true;
	switch (
	    open_enter(&b->place, b->service, b->listener, source, &limits)) {
	case OPEN_TOO_MANY_OF_SOURCE:
		why->rule = "smtpd_client_connection_count_limit";
		why->text = "Too many connections from your address";
		return false;
	case OPEN_TOO_MANY:
		why->rule = "stranger_limit";
		why->text = "Too many connections, try again later";
		return false;
	case OPEN_ADMITTED:
		break;
	}
	return true;
}

bool
admit_client(struct back *b, struct refusal *why)
{
	b->admitted = !is_banned(b, why) && has_place(b, why);
	return b->admitted;
}

/* The front may be in a stranger's hands: who was not let in is not served, and
 * nobody is let in twice. */
static bool
may_say(struct back *b, uint8_t type)
{
	switch (type) {
	case REQUEST_CERTIFICATE:
	case REQUEST_TICKET_KEYS:
	case REQUEST_PROXY:
	case REQUEST_LOG:
		return true;
	case REQUEST_CONNECT: {
		bool first = !b->connected && !b->proxy_due;
		b->connected = true;
		return first;
	}
	default:
		return b->admitted;
	}
}

static int
receive(struct back *b, struct channel_message *m)
{
	int r = channel_receive(b->channel, m);
	if (r <= 0 || may_say(b, m->type))
		return r;
	for (unsigned int i = 0; i < m->fd_count; i++)
		close(m->fd[i]);
	errno = EPROTO;
	return -1;
}

/* --- asked to leave ---------------------------------------------------------- */

static volatile sig_atomic_t asked;

static void
on_leave(int signal)
{
	(void)signal;
	asked = 1;
}

/* Blocked but where it is waited for: nothing else is interrupted. */
void
admit_start(struct back *b)
{
	struct sigaction action = { .sa_handler = on_leave };
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, OPEN_LEAVE);
	b->abuse.file.fd = b->place.fd = -1;
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 ||
	    sigaction(OPEN_LEAVE, &action, NULL) < 0)
		log_error("set up a signal", NULL, errno);
}

static void
leave(struct back *b)
{
	asked = 0;
	if (b->user.len)
		return; /* a moment too late */
	log_event("leave", "ip", peer_text(b->peer), "rule", "stranger_limit",
	    (char *)NULL);
	back_reply(b, REPLY_LEAVE, NULL, 0);
}

int
admit_receive(struct back *b, struct channel_message *m)
{
	sigset_t none;
	sigemptyset(&none);
	for (;;) {
		struct pollfd p = { .fd = b->channel, .events = POLLIN };
		if (asked)
			leave(b);
		int r = ppoll(&p, 1, NULL, &none);
		if (r < 0 && errno != EINTR)
			return -1;
		if (r > 0 && !asked)
			return receive(b, m);
	}
}

void
admit_end(struct back *b)
{
	open_leave(&b->place);
}
