/* SPDX-License-Identifier: ISC */
/* Whether a client is served, and how long, on the back's side of a session. */
#ifndef BESACE_ADMIT_H
#define BESACE_ADMIT_H

#include "front.h"

struct refusal {
	char const *rule; /* the setting */
	char const *text; /* for the client */
};

/* Call before the first request: nothing is known of the client yet. */
void admit_start(struct back *b);

/* Whether the client (its address is known now) is served; else why not, in
 * words that live to the next call. */
bool admit_client(struct back *b, struct refusal *why);

/* Waits for the front's next request, as channel_receive; one that comes before
 * the client was let in is no request. Meanwhile the client may have to leave,
 * for others: the front is told, and the log. */
int admit_receive(struct back *b, struct channel_message *m);

/* The session is over. */
void admit_end(struct back *b);

#endif
