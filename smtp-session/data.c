/* SPDX-License-Identifier: ISC */
/* DATA: from the wire to the file that the back gave. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "data-reader.h"
#include "file.h"
#include "message.h"
#include "reply.h"
#include "request.h"
#include "verbs.h"

enum {
	CHUNK = 65536,
	MEMORY_MAX = 1024 * 1024 /* larger messages go to a file on disk */
};

struct incoming {
	struct data_reader reader;
	int fd;
	bool on_disk;
	bool started; /* the first octets are written */
	bool failed;  /* the file took no more */
	int why;      /* errno of that */
	bool too_large;
	uint64_t written;
	size_t len; /* of chunk */
	char chunk[CHUNK];
};

/* Asks for the descriptor to write to. 1; 0 refused, and the client told;
 * -1 the back is gone. */
static int
ask_file(struct session *s, struct incoming *in, uint8_t type)
{
	static struct channel_message reply;
	if (!front_ask(s->front, type, NULL, 0, &reply))
		return -1;
	if (reply.type == REPLY_YES && reply.fd_count == 1) {
		if (in->fd >= 0)
			close(in->fd);
		in->fd = reply.fd[0];
		return 1;
	}
	char text[512];
	if (!channel_string(&reply, 0, text, sizeof text))
		return -1;
	return type == REQUEST_DATA && !session_reply(s, text) ? -1 : 0;
}

/* Empties the chunk into the file. A message that does not begin with a field
 * gets a blank line first, or it would continue our trace field. */
static void
flush_chunk(struct session *s, struct incoming *in)
{
	if (in->reader.bare || in->too_large || in->failed) {
		in->len = 0;
		return;
	}
	if (!in->on_disk && in->written + in->len > MEMORY_MAX) {
		in->on_disk = true;
		in->failed = ask_file(s, in, REQUEST_SPOOL) <= 0;
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

/* 1 at the end of the message, 0 more is needed. */
static int
take_input(struct session *s, struct incoming *in)
{
	size_t have;
	char const *data = conn_data(&s->conn, &have);
	size_t room = CHUNK - in->len - 1;
	size_t made;
	size_t used = data_reader_feed(&in->reader, data,
	    have < room ? have : room, in->chunk + in->len, &made);
	in->len += made;
	conn_take(&s->conn, used);
	if (in->reader.size > s->settings->message_size_limit)
		in->too_large = true;
	if (in->reader.state == DATA_END || in->len >= CHUNK - CONN_BUFFER)
		flush_chunk(s, in);
	return in->reader.state == DATA_END;
}

/* Reads to the end of the message. false when the connection is lost. */
static bool
receive(struct session *s, struct incoming *in)
{
	conn_limit(&s->conn, s->conn.timeout);
	for (;;) {
		size_t have;
		conn_data(&s->conn, &have);
		if (have) {
			conn_credit(&s->conn, have);
			if (take_input(s, in))
				return true;
			continue;
		}
		int r = conn_fill(&s->conn);
		if (r > 0)
			continue;
		if (r < 0 && errno == ETIMEDOUT) {
			front_log(s->front, "timeout", "in DATA");
			session_reply(s, REPLY_TIMEOUT);
		} else {
			front_log(s->front, "lost", "in DATA");
		}
		return false;
	}
}

/* What the front has against the message. NULL for nothing. */
static char const *
objection(struct incoming const *in)
{
	if (in->too_large)
		return REPLY_TOO_LARGE;
	if (in->reader.bare)
		return REPLY_BARE_LINE_END;
	return in->failed ? REPLY_NO_SPACE : NULL;
}

static void
finish(struct session *s, struct incoming const *in)
{
	char const *no = objection(in);
	if (!no) {
		session_ask(s, REQUEST_MESSAGE, NULL, 0);
		return;
	}
	front_log(s->front, "refused", no);
	session_reply(s, no);
	static struct channel_message reply;
	struct channel_field why =
	    channel_text(in->why ? strerror(in->why) : "");
	if (!front_ask(s->front, REQUEST_RESET, &why, in->why != 0, &reply))
		s->quit = true;
}

bool
verb_data(struct session *s, char const *arg, size_t len)
{
	static struct incoming in;
	(void)arg;
	(void)len;
	data_reader_init(&in.reader, s->lf_lines);
	in.fd = -1;
	in.on_disk = in.started = in.failed = in.too_large = false;
	in.written = in.len = 0;
	in.why = 0;
	int r = ask_file(s, &in, REQUEST_DATA);
	if (r <= 0)
		return r == 0;
	bool alive = session_reply(s, REPLY_SEND_DATA) &&
	    conn_flush(&s->conn) && receive(s, &in);
	if (alive)
		finish(s, &in);
	close(in.fd);
	s->tx = (struct transaction){ 0 };
	return alive;
}
