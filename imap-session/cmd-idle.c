/* SPDX-License-Identifier: ISC */
/* IDLE (RFC 2177). */
#include "monotonic.h"
#include "session.h"

#include <errno.h>
#include <sys/stat.h>
#include "watch.h"

enum {
	POLL_UNWATCHED = 2, /* seconds between looks without inotify */
	POLL_RELOOK = 1,
	REST_AFTER = 1 /* seconds of silence */
};

struct idling {
	struct watch watch;
	int now, start, told; /* seconds */
	bool lost;            /* the watch is: set it up again */
	bool incomplete;      /* the mailbox has no cur/ or no new/ */
	bool rested;
};

/* Without a watch, with too many sessions or in a mailbox that is being moved
 * about, we look every few seconds. */
static void
start_watch(struct session *s, struct idling *i)
{
	struct stat st;
	i->lost = i->incomplete = false;
	watch_close(&i->watch);
	if (s->notify || !session_selected(s) || !watch_open(&i->watch))
		return;
	if (watch_mailbox(&i->watch, s->box.dir, 0))
		return;
	i->incomplete =
	    errno == ENOENT && fstat(s->box.dir, &st) == 0 && st.st_nlink;
	watch_close(&i->watch);
}

/* Whether there may be news in the mailbox. */
static bool
drain(struct idling *i)
{
	struct watch_event e;
	bool any = false;
	while (watch_next(&i->watch, &e)) {
		any = true;
		i->lost = i->lost || e.lost;
	}
	return any;
}

static void
look(struct session *s, struct idling *i)
{
	bool watched = i->watch.fd >= 0;
	if (s->notify) {
		/* RFC 5465 section 4: that, and nothing else. */
		session_notify(s, NOTIFY_IN_IDLE);
		return;
	}
	if (watched && drain(i))
		mailbox_notice(&s->box);
	if (session_selected(s) && (!watched || i->lost)) {
		start_watch(s, i);
		s->box.dirty = true;
	}
	if (!i->incomplete)
		session_update(s, true);
}

/* Milliseconds to the next thing to do. */
static int
patience(struct session const *s, struct idling const *i)
{
	int keepalive = i->told + s->notify_interval - i->now;
	int end = i->start + s->idle_timeout - i->now;
	int left = keepalive < end ? keepalive : end;
	int wanted = left;
	if (s->notify)
		wanted = i->rested ? left : REST_AFTER;
	else if (session_selected(s) && (s->box.relook || s->box.dirty))
		wanted = POLL_RELOOK;
	else if (session_selected(s) && i->watch.fd < 0)
		wanted = POLL_UNWATCHED;
	else if (!i->rested)
		wanted = REST_AFTER;
	if (wanted > left)
		wanted = left;
	return session_notify_timeout(s, wanted > 0 ? wanted * 1000 : 0);
}

/* True when a line has come; *DONE when it is "DONE". */
static bool
got_line(struct session *s, bool *done)
{
	size_t len;
	size_t used;
	char const *in = wire_input(&s->wire, &len);
	enum command_status status = command_feed(&s->command, in, len, &used);
	wire_used(&s->wire, used);
	if (status == COMMAND_MORE)
		return false;
	*done = status == COMMAND_DONE &&
	    imap_equal(s->command.text.s, s->command.text.len, "DONE");
	return true;
}

/* What is to be done when no line has come. R as of wire_wait. */
static void
pass_time(struct session *s, struct idling *i, int r)
{
	if (r == 0 && !i->rested && !s->box.relook && !s->box.dirty) {
		session_rest(s);
		i->rested = true;
	} else if (r != 1) {
		look(s, i);
		i->rested = i->rested && r == 0;
	}
	if (i->now - i->told >= s->notify_interval) {
		wire_line(&s->wire, "* OK Still here");
		i->told = i->now;
	}
	if (i->now - i->start >= s->idle_timeout)
		session_bye(s, "Idle for too long");
}

/* True: the client ended it; false: the session ended. */
static bool
idle(struct session *s, struct idling *i, bool *done)
{
	while (!s->ended) {
		int fd = s->notify ? session_notify_fd(s) : i->watch.fd;
		int r = wire_wait(&s->wire, fd, patience(s, i));
		i->now = (int)monotonic_seconds();
		if (r < 0)
			s->ended = true;
		else if (r == 1 && got_line(s, done))
			return true;
		else
			pass_time(s, i, r);
	}
	return false;
}

answer
cmd_idle(struct session *s, struct cursor *c)
{
	struct idling i = { .watch = { .fd = -1 } };
	bool done = false;
	(void)c;
	i.now = i.start = i.told = (int)monotonic_seconds();
	start_watch(s, &i);
	command_reset(&s->command, COMMAND_MAX_LOGIN);
	wire_line(&s->wire, "+ idling");
	/* What came between the last look and the watch. */
	if (s->notify)
		session_notify(s, NOTIFY_IN_IDLE);
	else
		session_update(s, true);
	bool ended = idle(s, &i, &done);
	watch_close(&i.watch);
	if (!ended)
		return "BAD";
	return done ? "OK IDLE completed" : "BAD Expected DONE";
}
