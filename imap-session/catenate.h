/* SPDX-License-Identifier: ISC */
/* Parts of messages that are there already, for a new one (RFC 4469). */
#ifndef IMAP_CATENATE_H
#define IMAP_CATENATE_H

#include "incoming.h"
#include "session.h"

struct catenate {
	struct mailbox box; /* the one that was looked into last; dir -1: none */
	/* parts of the message that was looked into last, as a client takes
	 * several parts of one */
	struct mime mime;
	struct mailbox const *parsed_in;
	uint32_t parsed_uid; /* 0: none */
};

/* Appends what URL names to IN, which is raw, as far as the session's limit for a
 * message. NULL, or what the command is to be answered. */
answer catenate_url(struct catenate *k, struct session *s, stralloc const *url,
    struct incoming *in);

void catenate_free(struct catenate *k);

#endif
