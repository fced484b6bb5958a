/* SPDX-License-Identifier: ISC */
/* Notices about mail as messages: multipart/report (RFC 3462) of a text for
 * people, the fields of RFC 3464 (RFC 6533 beyond ASCII) and what comes back of
 * the message. Pure but for the local time zone. */
#ifndef BESACE_NOTICE_H
#define BESACE_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

#include "queue-entry.h"

enum notice_kind {
	NOTICE_FAILED,  /* final */
	NOTICE_DELAYED, /* still trying */
	NOTICE_SUCCESS, /* relayed, delivered, expanded */
	NOTICE_DOUBLE   /* FAILED, of a message without a sender */
};

struct notice {
	enum notice_kind kind;
	struct queue_entry const *entry;
	bool const *chosen; /* for each recipient: it is about this one */
	char const *to;     /* address */
	char const *host;   /* our name */
	char const *uid;    /* of the notice: unique, letters and digits */
	int64_t now;        /* seconds */
	int64_t until;      /* so long it is tried */
	char const *message;
	size_t message_len;
	uint64_t full_max; /* octets; only the header of more comes back */
};

/* Whether the notice has addresses beyond ASCII, or is about a message that
 * could: then it is itself to be sent with SMTPUTF8. */
bool notice_is_utf8(struct notice const *n);

/* Appends the notice, with LF line ends. 1, or 0 with errno. */
int notice_build(struct notice const *n, stralloc *out);

#endif
