/* SPDX-License-Identifier: ISC */
/* What the front of an SMTP session asks its back, besides lib/front.h. Each
 * reply carries one field: the SMTP reply's text, "250 2.1.0 Ok". REPLY_YES
 * when it is a 2xx or 3xx. */
#ifndef SMTP_REQUEST_H
#define SMTP_REQUEST_H

#include "front.h"

enum smtp_request {
	REQUEST_EARLY = REQUEST_OWN, /* the client spoke before its turn */
	REQUEST_HELLO,               /* name, "SMTP" or "ESMTP" */
	REQUEST_TLS,     /* protocol, cipher: everything before is forgotten */
	REQUEST_MAIL,    /* reverse-path, its options */
	REQUEST_RCPT,    /* forward-path, its options */
	REQUEST_DATA,    /* with a descriptor to append the message to */
	REQUEST_SPOOL,   /* the same, on disk: the message is large */
	REQUEST_MESSAGE, /* the message is whole: take it */
	REQUEST_RESET    /* forget the transaction; why its file took no more */
};

#endif
