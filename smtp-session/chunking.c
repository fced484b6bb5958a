/* SPDX-License-Identifier: ISC */
/* CHUNKING, RFC 3030: the message comes in BDAT's chunks, counted. A chunk's
 * octets follow its command at once, so they are read and dropped when it is
 * refused, and are never taken for commands. A refused chunk ends the
 * transaction: what follows cannot make a message with a hole in it. */
#include "chunking.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "limits.h"
#include "reply.h"
#include "verbs.h"

enum chunk_syntax
chunk_read(char const *s, size_t len, struct chunk *c)
{
	size_t i = 0;
	*c = (struct chunk){ 0 };
	for (; i < len && s[i] >= '0' && s[i] <= '9'; i++)
		if (__builtin_mul_overflow(c->size, 10, &c->size) ||
		    __builtin_add_overflow(c->size, (uint64_t)(s[i] - '0'),
		        &c->size))
			return CHUNK_ENDLESS;
	if (i == 0 || (i < len && s[i] != ' '))
		return CHUNK_ENDLESS;
	while (i < len && s[i] == ' ')
		i++;
	c->last = len - i == 4 && strncasecmp(s + i, "LAST", 4) == 0;
	return c->last || i == len ? CHUNK_RIGHT : CHUNK_WRONG;
}

/* Reads the chunk's octets, into the message or, unless KEEP, to nowhere: then
 * they have no longer than a command. false when the connection is lost. */
static bool
read_chunk(struct session *s, uint64_t left, bool keep)
{
	long long wait = keep ? s->conn.timeout : limits_wait(s);
	conn_limit(&s->conn, wait ? wait : 1);
	while (left) {
		size_t have;
		conn_data(&s->conn, &have);
		if (!have) {
			if (!incoming_wait(s, "in BDAT"))
				return false;
			continue;
		}
		if (have > left)
			have = (size_t)left;
		if (keep)
			have = incoming_take(s, have);
		else
			conn_take(&s->conn, have);
		left -= have;
	}
	return true;
}

/* The sum of all chunks is looked at before one is read. */
static bool
is_too_large(struct session const *s, struct chunk const *c)
{
	uint64_t limit = s->settings->message_size_limit;
	uint64_t before = s->tx.chunks ? s->incoming.reader.size : 0;
	return before > limit || c->size > limit - before;
}

/* What is against the chunk before its octets come. NULL for nothing: then
 * there is a file to write them to. TEXT holds the back's reply. */
static char const *
objection(struct session *s, struct chunk const *c, enum chunk_syntax syntax,
    char text[INCOMING_REPLY_MAX])
{
	char const *no = verbs_sequence(s, NEEDS_MAIL | NEEDS_RCPT);
	if (!no && syntax == CHUNK_WRONG)
		no = REPLY_SYNTAX;
	if (!no && is_too_large(s, c))
		no = REPLY_TOO_LARGE;
	if (no || s->tx.chunks)
		return no;
	int r = incoming_open(s, true, text);
	s->tx.chunks = r > 0;
	return r > 0 ? NULL : r == 0 ? text : REPLY_BACK_GONE;
}

/* The transaction, when there is one, is over. */
static bool
refuse(struct session *s, char const *no)
{
	return s->tx.mail ? incoming_refuse(s, no) : session_reply(s, no);
}

static bool
reply_received(struct session *s, struct chunk const *c)
{
	char text[64];
	snprintf(text, sizeof text, "250 2.0.0 Ok: %llu octets",
	    (unsigned long long)c->size);
	return session_reply(s, text);
}

bool
verb_bdat(struct session *s, char const *arg, size_t len)
{
	struct chunk c;
	char text[INCOMING_REPLY_MAX];
	enum chunk_syntax syntax = chunk_read(arg, len, &c);
	if (syntax == CHUNK_ENDLESS) {
		s->quit = true;
		return session_reply(s, REPLY_BDAT_LOST);
	}
	char const *no = objection(s, &c, syntax, text);
	if (!read_chunk(s, c.size, !no))
		return false;
	if (!no)
		no = incoming_objection(&s->incoming);
	if (no)
		return refuse(s, no);
	return c.last ? incoming_finish(s) : reply_received(s, &c);
}
