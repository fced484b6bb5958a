/* SPDX-License-Identifier: ISC */
/* One connection to another server, up to the first message: greeting, EHLO,
 * STARTTLS, AUTH. */
#ifndef BESACE_RELAY_SESSION_H
#define BESACE_RELAY_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "capabilities.h"
#include "conn.h"
#include "reply.h"
#include "settings.h"
#include "tls-policy.h"

struct session_request {
	char const *where; /* for messages: "mx.example.net[192.0.2.1]:25" */
	struct tls_policy const *policy;
	char const *login; /* "": none */
	char const *password;
	bool auth_in_clear; /* also outside TLS */
	bool find_loop;     /* a server of our name is ourselves */
	bool smtps;         /* TLS from the start (RFC 8314 section 3.3) */
};

enum session_outcome {
	SESSION_READY,
	SESSION_REFUSED,   /* the failure says why */
	SESSION_TLS_FAILED /* the same; without TLS it may work */
};

struct session {
	struct settings const *settings;
	int alert; /* readable: who wants all this is gone, or wants its end;
	            * -1: none */
	struct conn conn;
	bool open;
	bool dirty;    /* a transaction has been begun, and not ended */
	long long end; /* of the commands of a transaction, as conn's deadline;
			* 0: none */
	bool verified; /* by the certificate of a name that is sure */
	enum tls_result tls_result;
	bool chunks_taken; /* the server has shown that it knows BDAT */
	bool again;        /* not open: over a new one it will do better */
	char where[512];
	char no_chunks[512]; /* the place that has shown that it does not */
	struct capabilities can;
	struct reply reply;    /* the last */
	struct answer failure; /* why the session is not open any more */
};

/* Begins with FD, which is the session's to close. */
enum session_outcome session_open(struct session *s, int fd,
    struct session_request const *r);

/* Puts a line; CRLF is added. False when the connection is lost. */
bool session_say(struct session *s, char const *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Sends what is put and reads one reply. STAGE is for messages: "EHLO". False
 * when the session is over, by a reply of 421 too. */
bool session_hear(struct session *s, uint64_t timeout, char const *stage);

/* What is put or heard next may take SECONDS from now, and no longer than
 * session_limit has it. */
void session_wait(struct session *s, uint64_t seconds);

/* From now on all that is put and heard must be done within SECONDS, whatever
 * each may take: a server that is just fast enough with each recipient, or each
 * piece of a message, holds up no other mail. 0: no such limit. */
void session_limit(struct session *s, uint64_t seconds);

/* Ends it because of something of ours; the failure is to be set. */
void session_drop(struct session *s);

/* It is lost: errno says how, STAGE when. */
void session_lose(struct session *s, char const *stage);

/* Ends it because the server does not keep to the protocol. */
void session_protest(struct session *s, char const *what, char const *stage);

/* Says good-bye, if it is open. */
void session_quit(struct session *s);

#endif
