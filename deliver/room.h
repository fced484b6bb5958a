/* SPDX-License-Identifier: ISC */
/* Room for one message in one mailbox: looked for, taken, given back. */
#ifndef BESACE_DELIVER_ROOM_H
#define BESACE_DELIVER_ROOM_H

#include "quota-file.h"
#include "route.h"
#include "settings.h"

struct room {
	bool open;
	int root; /* the Maildir */
	struct quota quota;
	uint64_t taken; /* octets; 0: none */
};

/* Counts what is in the mailbox of T, which is ROOT, and whether about SIZE
 * octets have room. 1; 0: T has failed, and nothing is open. */
int room_open(struct room *r, struct target *t, int root,
    struct settings const *settings, uint64_t size);

/* Whether T's mailbox, below BASEFD, has room for SIZE octets that another program
 * will write. 1; 0: T has failed. */
int room_look(struct target *t, int basefd, struct settings const *settings,
    uint64_t size);

/* Takes room for SIZE octets, before the message can be seen, so that of
 * several deliveries at once only one has the last of it. 1; 0: T has failed. */
int room_take(struct room *r, struct target *t, struct settings const *settings,
    uint64_t size);

/* The message is not delivered. */
void room_give_back(struct room *r);

/* It is delivered. A mailbox that is full now is counted at once, so that the
 * next message can be refused before it is sent. */
void room_settle(struct room *r, struct target const *t);

void room_close(struct room *r);

#endif
