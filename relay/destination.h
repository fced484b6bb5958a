/* SPDX-License-Identifier: ISC */
/* The destination of this process: its hosts, tried one after the other, and
 * the one connection to it. */
#ifndef BESACE_RELAY_DESTINATION_H
#define BESACE_RELAY_DESTINATION_H

#include <stdbool.h>
#include <time.h>

#include "client.h"
#include "hosts.h"
#include "mta-sts.h"
#include "route.h"
#include "settings.h"
#include "tls-policy.h"

enum { DESTINATION_VIA_MAX = 400 };

struct destination {
	struct settings const *settings;
	struct route route;
	unsigned int port;
	struct hosts hosts;
	struct dns *dns; /* NULL: it cannot be asked */
	struct mta_sts mta_sts;
	struct client client;
	struct tls_policy policy; /* of the host in use */
	struct answer trouble;    /* why there is no connection */
	unsigned int at;          /* the host in use, or to be tried next */
	unsigned int tried;
	unsigned int messages; /* sent on this connection */
	bool connected;
	bool tls_waived;               /* by this message, see tls-policy.h */
	bool again;                    /* amid this message a host was asked
	                                * again */
	time_t since;                  /* when it was */
	char via[DESTINATION_VIA_MAX]; /* "mx.example.net[192.0.2.1]:25" */
	char mta[DESTINATION_VIA_MAX]; /* "mx.example.net [192.0.2.1]:25" */
	char tls[CLIENT_TLS_MAX];
};

/* A connection, the one there is or a new one. False when none can be had now:
 * TROUBLE says why. */
bool destination_connect(struct destination *d);

/* Another message begins, with TLS-Required: No or without: hosts that failed amid one may do better, and a
 * connection that was used for smtp_connection_reuse_time_limit ends. */
void destination_next_message(struct destination *d, bool tls_waived);

/* The connection is lost. The next is to the same host when this one had been
 * used before, as servers close what is idle or had enough messages; else to
 * the next. WHY is remembered as the trouble. */
void destination_lost(struct destination *d, struct answer const *why);

/* The same, and the host is to be asked again, once in a message, in another
 * way that the client's process knows. */
void destination_ask_again(struct destination *d, struct answer const *why);

#endif
