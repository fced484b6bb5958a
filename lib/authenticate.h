/* SPDX-License-Identifier: ISC */
/* The front's side of SMTP's AUTH (RFC 4954) and IMAP's AUTHENTICATE: lines of
 * base64 around a SASL exchange. */
#ifndef BESACE_AUTHENTICATE_H
#define BESACE_AUTHENTICATE_H

#include "bytes.h"
#include "conn.h"
#include "front.h"
#include "sasl.h"

enum { AUTHENTICATE_LINE_MAX = 12288 }; /* octets, RFC 4954 section 4 */

struct authenticate {
	struct front *front;
	struct settings const *settings;
	struct conn *conn;
	char const *prompt; /* before a challenge: "334 ", "+ " */
	/* Has the client's next line, without its end, in *LINE. 1; 0 the
	 * session is over; -1 it was too long. */
	int (*read_line)(void *arg, stralloc **line);
	void *arg;
};

enum authenticate_result {
	AUTHENTICATE_LOST = -1, /* the session is over */
	AUTHENTICATE_OK,
	AUTHENTICATE_WRONG,
	AUTHENTICATE_LATER,
	AUTHENTICATE_CANCELLED,
	AUTHENTICATE_BAD_BASE64,
	AUTHENTICATE_TOO_LONG,
	AUTHENTICATE_NOT_INITIAL, /* an initial response where none can be */
	AUTHENTICATE_NO_MECHANISM,
	AUTHENTICATE_NEEDS_TLS
};

/* The mechanisms that this connection may use now: the one list for what is
 * announced and for what is taken. */
sasl_set authenticate_offered(struct authenticate const *a);

/* Whether the password itself may be sent now: for IMAP's LOGIN. */
bool authenticate_plaintext(struct authenticate const *a);

/* Runs an exchange. INITIAL is the initial response as it was sent ("=" is an
 * empty one), NULL for none. */
enum authenticate_result authenticate_run(struct authenticate const *a,
    struct bytes mechanism, struct bytes const *initial);

#endif
