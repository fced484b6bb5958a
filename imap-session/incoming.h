/* SPDX-License-Identifier: ISC */
/* The octets of a message that is on its way in: in memory as long as they are
 * few, then in a file without a name. CRLF becomes LF, so that it is sent as it
 * came, unless it is not yet known which octets are line ends. */
#ifndef IMAP_INCOMING_H
#define IMAP_INCOMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>

struct incoming {
	int dir;        /* the mailbox whose tmp/ it goes to, borrowed */
	uint64_t size;  /* octets as they came */
	stralloc start; /* the first octets, or all of them */
	int fd;         /* the rest, -1 none */
	stralloc tail;  /* what is still to be written there */
	bool cr;        /* a CR waits for what follows */
	bool before_cr; /* the octet before that is one too */
	bool raw;       /* octets stay as they come: for the caller to set */
	int why;        /* errno of what failed; 0: nothing did */
};

#define INCOMING_ZERO \
	{ \
		.dir = -1, .start = STRALLOC_ZERO, .fd = -1 \
	}

/* Starts a message, for a mailbox's directory. */
void incoming_start(struct incoming *in, int dir);

/* Wherever the pieces are cut. What fails shows in IN->why, and what comes then
 * is thrown away. */
void incoming_take(struct incoming *in, char const *s, size_t len);

/* Behind the last piece. False with errno when something has failed. */
bool incoming_end(struct incoming *in);

/* After the end, the octets kept at AT, at most LEN. How many; 0 at the end; -1 with errno. */
ssize_t incoming_read(struct incoming const *in, char *buf, size_t len,
    uint64_t at);

void incoming_free(struct incoming *in);

#endif
