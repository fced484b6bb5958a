/* SPDX-License-Identifier: ISC */
/* What the front of an IMAP session asks its back, besides lib/front.h. */
#ifndef IMAP_REQUEST_H
#define IMAP_REQUEST_H

#include "front.h"

enum imap_request {
	/* After a login: speak to the client from here on. Fields: the tag of
	 * the login, input that is already read. With two descriptors: the
	 * connection itself, for reading and writing; without: the stream, or
	 * with imap_unauthenticate one that comes with the reply.
	 * REPLY_YES before the first octet is sent. */
	REQUEST_SERVE = REQUEST_OWN,
	/* After the stream that came with that REPLY_YES has ended: what was
	 * sent on it and not run, piece by piece, the last one empty; nobody is
	 * logged in any more. No answer: the session is over. */
	REQUEST_UNREAD
};

#endif
