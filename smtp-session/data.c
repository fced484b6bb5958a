/* SPDX-License-Identifier: ISC */
/* DATA: the message comes as lines, up to a dot. */
#include "reply.h"
#include "verbs.h"

/* Reads to the end of the message. false when the connection is lost. */
static bool
receive(struct session *s)
{
	struct data_reader const *reader = &s->incoming.reader;
	conn_limit(&s->conn, s->conn.timeout);
	while (reader->state != DATA_END) {
		size_t have;
		conn_data(&s->conn, &have);
		if (have)
			incoming_take(s, have);
		else if (!incoming_wait(s, "in DATA"))
			return false;
	}
	return true;
}

bool
verb_data(struct session *s, char const *arg, size_t len)
{
	char text[INCOMING_REPLY_MAX];
	(void)arg;
	(void)len;
	int r = incoming_open(s, false, text);
	if (r < 0)
		return session_reply(s, REPLY_BACK_GONE) && false;
	if (r == 0)
		return session_reply(s, text);
	return session_reply(s, REPLY_SEND_DATA) && conn_flush(&s->conn) &&
	    receive(s) && incoming_finish(s);
}
