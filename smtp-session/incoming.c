/* SPDX-License-Identifier: ISC */
#include "incoming.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "limits.h"
#include "message.h"
#include "reply.h"
#include "request.h"
#include "session.h"

enum { MEMORY_MAX = 1024 * 1024 /* larger messages go to a file on disk */ };

/* Asks for the descriptor to write to. As incoming_open. */
static int
ask_file(struct session *s, uint8_t type, char text[INCOMING_REPLY_MAX])
{
	static struct channel_message reply;
	struct incoming *in = &s->incoming;
	if (!front_ask(s->front, type, NULL, 0, &reply))
		return -1;
	if (reply.type != REPLY_YES || reply.fd_count != 1)
		return channel_string(&reply, 0, text, INCOMING_REPLY_MAX) ? 0
		                                                           : -1;
	if (in->fd >= 0)
		close(in->fd);
	in->fd = reply.fd[0];
	return 1;
}

int
incoming_open(struct session *s, bool chunks, char text[INCOMING_REPLY_MAX])
{
	struct incoming *in = &s->incoming;
	data_reader_init(&in->reader, s->lf_lines, chunks);
	in->on_disk = in->started = in->failed = in->too_large = false;
	in->written = in->len = 0;
	return ask_file(s, REQUEST_DATA, text);
}

/* Empties the chunk into the file. A message that does not begin with a field
 * gets a blank line first, or it would continue our trace field. */
static void
flush_chunk(struct session *s)
{
	struct incoming *in = &s->incoming;
	char text[INCOMING_REPLY_MAX]; /* the client is told at the end */
	if (incoming_objection(in)) {
		in->len = 0;
		return;
	}
	if (!in->on_disk && in->written + in->len > MEMORY_MAX) {
		in->on_disk = true;
		in->failed = ask_file(s, REQUEST_SPOOL, text) <= 0;
	}
	bool writable = !in->failed; /* or the back has said why not */
	if (writable && !in->started &&
	    !message_starts_clean(in->chunk, in->len))
		in->failed = !file_write(in->fd, "\n", 1);
	if (!in->failed)
		in->failed = !file_write(in->fd, in->chunk, in->len);
	if (writable && in->failed)
		in->why = errno;
	in->started = true;
	in->written += in->len;
	in->len = 0;
}

size_t
incoming_take(struct session *s, size_t max)
{
	struct incoming *in = &s->incoming;
	size_t have;
	char const *data = conn_data(&s->conn, &have);
	size_t room = INCOMING_CHUNK - in->len - 1;
	size_t made;
	if (have > max)
		have = max;
	size_t used = data_reader_feed(&in->reader, data,
	    have < room ? have : room, in->chunk + in->len, &made);
	in->len += made;
	conn_credit(&s->conn, used);
	conn_take(&s->conn, used);
	if (in->reader.size > s->settings->message_size_limit)
		in->too_large = true;
	if (in->len >= INCOMING_CHUNK - CONN_BUFFER)
		flush_chunk(s);
	return used;
}

bool
incoming_wait(struct session *s, char const *command)
{
	if (!conn_flush(&s->conn))
		return false;
	int r = conn_fill(&s->conn);
	if (r < 0 && errno == ECANCELED && session_may_finish(s))
		r = conn_fill(&s->conn);
	if (r > 0)
		return true;
	if (r < 0 && errno == ETIMEDOUT) {
		front_log(s->front, "timeout", command);
		session_reply(s, REPLY_TIMEOUT);
	} else {
		front_log(s->front, "lost", command);
	}
	return false;
}

char const *
incoming_objection(struct incoming const *in)
{
	if (in->too_large)
		return REPLY_TOO_LARGE;
	if (in->reader.bare)
		return REPLY_BARE_LINE_END;
	return in->failed ? REPLY_NO_SPACE : NULL;
}

bool
incoming_refuse(struct session *s, char const *reply)
{
	static struct channel_message answer;
	int why = s->incoming.why;
	struct channel_field field = channel_text(why ? strerror(why) : "");
	front_log(s->front, "refused", reply);
	bool alive = session_reply(s, reply) &&
	    front_ask(s->front, REQUEST_RESET, &field, why != 0, &answer);
	session_forget_mail(s);
	return alive;
}

bool
incoming_finish(struct session *s)
{
	struct incoming *in = &s->incoming;
	size_t made;
	data_reader_end(&in->reader, in->chunk + in->len, &made);
	in->len += made;
	flush_chunk(s);
	char const *no = incoming_objection(in);
	s->bare |= in->reader.bare && !in->reader.chunks;
	if (no)
		return incoming_refuse(s, no);
	if (session_ask(s, REQUEST_MESSAGE, NULL, 0))
		limits_accepted(s);
	session_forget_mail(s);
	return true;
}

void
incoming_close(struct incoming *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
	in->why = 0;
}
