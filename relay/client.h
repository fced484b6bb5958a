/* SPDX-License-Identifier: ISC */
/* The process that talks to other servers. It has the connection and what
 * stands behind it, and nothing else: no files, no queue, no new sockets, no
 * other user's rights. Ours makes connections, opens messages, hands both over
 * and writes down what comes of it. */
#ifndef BESACE_RELAY_CLIENT_H
#define BESACE_RELAY_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>

#include "session.h"
#include "transaction.h"

enum { CLIENT_TLS_MAX = 96 };

struct client {
	int channel;
	pid_t pid;
	struct settings const *settings;
	bool gone; /* it has ended, or was ended as it did not answer */
};

/* Starts it; while we are root, so that it becomes nobody. 1, or 0 with errno. */
int client_start(struct client *c, struct settings const *settings);

struct client_session {
	enum session_outcome outcome;
	struct answer failure; /* unless it is SESSION_READY */
	enum tls_result tls_result;
	char tls[CLIENT_TLS_MAX]; /* "TLSv1.3:TLS_AES_256_GCM_SHA384", or "" */
};

/* session_open() with FD there; it is closed here. 1; 0 the process is gone. */
int client_open(struct client *c, int fd, struct session_request const *r,
    struct client_session *result);

struct client_result {
	bool open;             /* the session still is */
	bool dsn;              /* the server takes over notifications */
	bool again;            /* over a new session it will do better */
	bool seven_bit;        /* nothing was begun: it is to be converted */
	struct answer failure; /* unless it is open */
	struct answer answer[TRANSACTION_RECIPIENTS];
};

/* Begins transaction_run() there. 1; 0: the process is gone. */
int client_send(struct client *c, struct transaction const *t);

/* Waits for its result. 1; 0: the process is gone, and what became of the
 * message is not known. */
int client_hear(struct client *c, struct transaction const *t,
    struct client_result *result);

/* Ends the session, if there is one. */
void client_quit(struct client *c);

/* Ends the process, by force if it does not; a bad end is logged. */
void client_end(struct client *c);

#endif
