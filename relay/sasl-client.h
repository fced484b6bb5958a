/* SPDX-License-Identifier: ISC */
/* SASL (RFC 4422), the client's side: PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-256 and
 * SCRAM-SHA-256-PLUS. No I/O. */
#ifndef BESACE_RELAY_SASL_CLIENT_H
#define BESACE_RELAY_SASL_CLIENT_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

#include "bytes.h"
#include "sasl-set.h"
#include "scram.h"

struct sasl_client {
	enum sasl_mechanism mechanism;
	struct bytes login;
	struct bytes password;
	struct bytes channel; /* data of tls-exporter (RFC 9266), or empty */
	unsigned int step;    /* how many responses there were */
	bool believed;        /* the server proved what it has to */
	stralloc bare;        /* SCRAM: client-first-message-bare */
	struct bytes nonce;   /* in BARE */
	unsigned char signature[SCRAM_SHA_256];
};

/* The best of the mechanisms that a server offers; BINDING: the channel has
 * something to bind to. -1 for none that we know. */
int sasl_client_choose(sasl_set offered, bool binding);

/* The initial response, to *OUT: 1; 0 there is none; -1 with errno. */
int sasl_client_start(struct sasl_client *x, stralloc *out);

/* The response to a CHALLENGE. 1; 0 it is none that may come; -1 with errno. */
int sasl_client_step(struct sasl_client *x, struct bytes challenge,
    stralloc *out);

void sasl_client_free(struct sasl_client *x);

#endif
