/* SPDX-License-Identifier: ISC */
/* A message on its way in: from the wire to the file that the back gave. */
#ifndef SMTP_INCOMING_H
#define SMTP_INCOMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "data-reader.h"

enum { INCOMING_CHUNK = 65536, INCOMING_REPLY_MAX = 512 };

struct session;

struct incoming {
	struct data_reader reader;
	int fd; /* -1 for none */
	bool on_disk;
	bool started; /* the first octets are written */
	bool failed;  /* the file took no more */
	int why;      /* errno of that */
	bool too_large;
	uint64_t written;
	size_t len; /* of chunk */
	char chunk[INCOMING_CHUNK];
};

/* Asks the back for the file. 1; 0 refused, and why is in TEXT; -1 the back is
 * gone. */
int incoming_open(struct session *s, bool chunks,
    char text[INCOMING_REPLY_MAX]);

/* Takes up to MAX octets of what has been read. */
size_t incoming_take(struct session *s, size_t max);

/* Sends what is to be sent and reads more. false when the connection is lost
 * (logged, and told to the client where it can be). */
bool incoming_wait(struct session *s, char const *command);

/* What the front has against the message so far. NULL for nothing. */
char const *incoming_objection(struct incoming const *in);

/* The message is whole: passes it on, or refuses it, and forgets it. */
bool incoming_finish(struct session *s);

/* Refuses it with this reply, and forgets it, here and in the back. */
bool incoming_refuse(struct session *s, char const *reply);

void incoming_close(struct incoming *in);

#endif
