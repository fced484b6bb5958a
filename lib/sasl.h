/* SPDX-License-Identifier: ISC */
/* SASL (RFC 4422), the server's side: a machine that goes from one response of
 * the client to the next challenge. It reads what strangers send and holds no
 * secret; what needs one is asked for. */
#ifndef BESACE_SASL_H
#define BESACE_SASL_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "bytes.h"
#include "channel.h"
#include "sasl-set.h"

enum sasl_result {
	SASL_CONTINUE, /* send the challenge, step again with the response */
	SASL_OK,
	SASL_WRONG,
	SASL_LATER,      /* it cannot be known now */
	SASL_NOT_INITIAL /* this mechanism takes no initial response */
};

/* Asks the one who holds the secrets a request of front.h; *TEXT becomes the
 * first field of the reply. Its type; REPLY_LATER when there was none. */
typedef int sasl_ask(void *arg, uint8_t type,
    struct channel_field const *fields, unsigned int count, stralloc *text);

enum sasl_stage { SASL_FIRST, SASL_SECOND, SASL_LAST };

struct sasl {
	enum sasl_mechanism mechanism;
	bool plus_offered;    /* a client that knew would bind the channel */
	struct bytes channel; /* data of tls-exporter (RFC 9266), or empty */
	sasl_ask *ask;
	void *arg;

	enum sasl_stage stage;

	stralloc login;
	stralloc gs2;   /* SCRAM: the header of the first message */
	stralloc nonce; /* SCRAM: both halves */
};

/* Takes the client's RESPONSE, NULL when it sent no initial one, and replaces
 * *CHALLENGE. */
enum sasl_result sasl_step(struct sasl *x, struct bytes const *response,
    stralloc *challenge);

void sasl_free(struct sasl *x);

/* RFC 4616: [authzid] NUL authcid NUL passwd. An authorisation identity other
 * than the login is refused, as nobody may act for another. LOGIN and PASSWORD
 * point into S. 1; 0 when it is not of that form. Pure. */
int sasl_plain(struct bytes s, struct bytes *login, struct bytes *password);

#endif
