/* SPDX-License-Identifier: ISC */
#include "back.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admit.h"
#include "engine-process.h"
#include "exitcode.h"
#include "log.h"
#include "parse.h"
#include "proxied.h"
#include "request.h"
#include "session.h"
#include "user.h"

enum { UNREAD_PIECE = 16 << 10 };

struct imap_back {
	struct back common;
	struct front *front;
	bool configured;
	struct engine_process engine; /* of the user, or of the last one */
};

bool
serve_user(struct serving const *v)
{
	static struct session s; /* too large for a stack frame */
	s.root = user_enter(v->settings, v->user, &s.quota);
	if (s.root < 0)
		return false;
	wire_open(&s.wire, v->in, v->out);
	if (!wire_preload(&s.wire, v->input, v->input_len))
		return false;
	s.user = v->user;
	s.ip = v->ip;
	s.spam_folder = v->settings->spam_folder;
	s.quota_warning = v->settings->quota_warning;
	s.append_limit = v->settings->message_size_limit;
	if (s.append_limit > UINT32_MAX) /* RFC822.SIZE is a number */
		s.append_limit = UINT32_MAX;
	s.separator = v->settings->imap_separator[0] == '/' ? '/' : '.';
	s.idle_timeout = (int)v->settings->imap_idle_timeout;
	s.notify_interval = (int)v->settings->imap_idle_notify_interval;
	s.may_unauthenticate = v->unauthenticated;
	if (v->ready)
		v->ready(v->arg);
	engine_run(&s, v->greeting);
	char const *unread;
	size_t len;
	if (s.unauthenticated && wire_leave(&s.wire, &unread, &len))
		v->unauthenticated(v->arg, unread, len);
	return true;
}

static void
say_yes(void *arg)
{
	struct imap_back *b = arg;
	back_reply(&b->common, REPLY_YES, NULL, 0);
	close(b->common.channel);
}

/* The tag goes back to the client: it must be one. */
static bool
is_tag(char const *tag)
{
	struct cursor c = { tag, strlen(tag), 0 };
	char const *at;
	size_t len;
	return cursor_tag(&c, &at, &len) && cursor_end(&c);
}

static void
refuse(struct imap_back *b, char const *rule, char const *text)
{
	struct channel_field field = channel_text(text);
	stralloc const *user = &b->common.user;
	log_event("refused", "ip", peer_text(b->common.peer), "user",
	    user->len ? user->s : NULL, "rule", rule, "answer", text,
	    (char *)NULL);
	back_reply(&b->common, REPLY_NO, &field, 1);
}

/* Whether the user may have one more session from there. */
static bool
user_admitted(struct imap_back *b)
{
	uint64_t limit = b->common.settings->mail_max_userip_connections;
	stralloc const *user = &b->common.user;
	if (open_login(&b->common.place, user->s, user->len, limit))
		return true;
	refuse(b, "mail_max_userip_connections",
	    "Too many sessions of this user from this address");
	return false;
}

static void
log_user(struct imap_back const *b, char const *event)
{
	log_event(event, "ip", peer_text(b->common.peer), "user",
	    b->common.user.s, (char *)NULL);
}

/* Takes the user's place for good. */
static void
become_engine(struct imap_back *b, struct serving *v,
    struct channel_message const *m)
{
	bool clear = m->fd_count == 2;
	if (clear) {
		close(b->front->stream);
		b->front->stream = -1;
	}
	v->in = clear ? m->fd[0] : b->front->stream;
	v->out = clear ? m->fd[1] : b->front->stream;
	v->ready = say_yes;
	v->arg = b;
	if (!serve_user(v)) {
		/* It may have given up what the next login would need. */
		back_reply(&b->common, REPLY_LATER, NULL, 0);
		back_linger(b->common.channel);
		return;
	}
	if (!clear)
		back_linger(b->front->stream);
	admit_end(&b->common);
	log_user(b, "end");
}

/* What the engine has no business with. */
static void
release(void *arg)
{
	struct imap_back *b = arg;
	close(b->common.channel);
	if (b->common.place.fd >= 0)
		close(b->common.place.fd);
	if (b->common.abuse.file.fd >= 0)
		close(b->common.abuse.file.fd);
}

/* False: the user has gone, and another may come. */
static bool
start_engine(struct imap_back *b, struct serving const *v)
{
	int stream = engine_process_start(&b->engine, v, release, b);
	back_reply_with(&b->common, stream < 0 ? REPLY_LATER : REPLY_YES, NULL,
	    0, stream);
	if (stream < 0) {
		back_linger(b->common.channel);
		return true;
	}
	close(stream);
	if (engine_process_wait(&b->engine)) {
		log_user(b, "unauthenticate");
		b->common.user.len = 0;
		return false;
	}
	back_linger(b->common.channel);
	admit_end(&b->common);
	log_user(b, "end");
	return true;
}

/* False: the front may go on. */
static bool
serve(struct imap_back *b, struct channel_message const *m)
{
	char tag[COMMAND_TAG_MAX + 1];
	char greeting[COMMAND_TAG_MAX + sizeof " OK"];
	bool apart = b->common.settings->imap_unauthenticate;
	if (!b->common.user.len || m->count != 2 || m->fd_count == 1 ||
	    (apart && m->fd_count) || !channel_string(m, 0, tag, sizeof tag) ||
	    !is_tag(tag)) {
		back_reply(&b->common, REPLY_NO, NULL, 0);
		return false;
	}
	if (!user_admitted(b))
		return false;
	snprintf(greeting, sizeof greeting, "%s OK", tag);
	struct serving v = {
		.settings = b->common.settings,
		.user = b->common.user.s,
		.ip = peer_text(b->common.peer),
		.greeting = greeting,
		.input = m->field[1].s,
		.input_len = m->field[1].len,
	};
	if (apart)
		return start_engine(b, &v);
	become_engine(b, &v, m);
	return true;
}

static void
answer_unread(struct imap_back *b)
{
	char piece[UNREAD_PIECE];
	struct channel_field field = { piece, 0 };
	bool ok = b->engine.stream >= 0;
	if (ok)
		field.len =
		    engine_process_unread(&b->engine, piece, sizeof piece);
	back_reply(&b->common, ok ? REPLY_YES : REPLY_NO, &field, ok);
}

static void
connect_client(struct imap_back *b)
{
	struct refusal why;
	struct channel_field none = channel_text("");
	if (admit_client(&b->common, &why))
		back_reply(&b->common, REPLY_YES, &none, 1);
	else
		refuse(b, why.rule, why.text);
}

int
back_run(struct front *front, struct settings const *settings, bool configured,
    struct peer *peer, char const *listener)
{
	static struct channel_message m; /* too large for a stack frame */
	struct imap_back b = {
		.common = { .channel = front->channel,
		    .service = "imap",
		    .settings = settings,
		    .peer = peer,
		    .listener = listener },
		.front = front,
		.configured = configured,
		.engine = { .stream = -1 },
	};
	admit_start(&b.common);
	back_connect(&b.common);
	while (admit_receive(&b.common, &m) == 1) {
		if (m.type == REQUEST_CONNECT) {
			connect_client(&b);
		} else if (m.type == REQUEST_SERVE) {
			if (serve(&b, &m))
				return EXIT_OK;
		} else if (m.type == REQUEST_UNREAD) {
			answer_unread(&b);
		} else if (m.type == REQUEST_LOGIN && !b.configured) {
			back_reply(&b.common, REPLY_LATER, NULL, 0);
		} else if (!back_answer(&b.common, &m)) {
			back_reply(&b.common, REPLY_NO, NULL, 0);
		}
		for (unsigned int i = 0; i < m.fd_count; i++)
			close(m.fd[i]); /* nobody took them */
		open_update(&b.common.place, OPEN_STRANGER);
		/* A password may be in it. */
		if (m.type == REQUEST_LOGIN)
			channel_wipe(&m);
	}
	admit_end(&b.common);
	close(front->channel);
	back_wait(front);
	log_event("end", "ip", peer_text(peer), (char *)NULL);
	return EXIT_OK;
}
