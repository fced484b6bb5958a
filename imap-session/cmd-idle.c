/* SPDX-License-Identifier: ISC */
/* IDLE (RFC 2177). */
#include "session.h"

#include <errno.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

enum {
	POLL_UNWATCHED = 5, /* seconds between looks without inotify */
	POLL_RELOOK = 1
};

/* A descriptor that is readable when cur/ or new/ change; -1 when there is none
 * to be had, as with too many sessions: then we look every few seconds. */
static int
watch(struct session *s)
{
	uint32_t const what =
	    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
	if (!session_selected(s) || fchdir(s->box.dir) < 0)
		return -1;
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (fd >= 0 &&
	    (inotify_add_watch(fd, "cur", what) < 0 ||
	        inotify_add_watch(fd, "new", what) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void
drain(int fd)
{
	char buf[4096];
	while (read(fd, buf, sizeof buf) > 0)
		continue;
}

static int
patience(struct session const *s, int watched)
{
	if (!session_selected(s))
		return IDLE_KEEPALIVE;
	if (s->box.relook || s->box.dirty)
		return POLL_RELOOK;
	return watched >= 0 ? IDLE_KEEPALIVE : POLL_UNWATCHED;
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

static int
seconds_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int)ts.tv_sec;
}

/* True: the client ended it; false: the session ended. */
static bool
idle(struct session *s, int watched, bool *done)
{
	int start = seconds_now();
	int told = start;
	while (!s->ended) {
		int r =
		    wire_wait(&s->wire, watched, patience(s, watched) * 1000);
		int now = seconds_now();
		if (r < 0) {
			s->ended = true;
		} else if (r == 1) {
			if (got_line(s, done))
				return true;
		} else {
			if (r == 2) {
				drain(watched);
				s->box.dirty = true;
			}
			session_update(s, true);
		}
		if (now - told >= IDLE_KEEPALIVE) {
			wire_line(&s->wire, "* OK Still here");
			told = now;
		}
		if (now - start >= s->idle_timeout)
			session_bye(s, "Idle for too long");
	}
	return false;
}

answer
cmd_idle(struct session *s, struct cursor *c)
{
	bool done = false;
	(void)c;
	int watched = watch(s);
	command_reset(&s->command, COMMAND_MAX_LOGIN);
	wire_line(&s->wire, "+ idling");
	/* What came between the last look and the watch. */
	session_update(s, true);
	bool ended = idle(s, watched, &done);
	if (watched >= 0)
		close(watched);
	if (!ended)
		return "BAD";
	return done ? "OK IDLE completed" : "BAD Expected DONE";
}
