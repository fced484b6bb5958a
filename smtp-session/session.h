/* SPDX-License-Identifier: ISC */
/* The front's state: one connection, one mail transaction. */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "conn.h"
#include "front.h"
#include "incoming.h"
#include "settings.h"

enum {
	COMMAND_MAX = 2048, /* octets of a command line, RFC 5321 4.5.3.1.4:
	                     * 512, and what the extensions add */
};

enum smtp_service {
	SERVICE_SMTP,        /* port 25: strangers may deliver to us */
	SERVICE_SUBMISSION,  /* port 587: log in after STARTTLS */
	SERVICE_SUBMISSIONS, /* port 465: TLS from the first byte */
	SERVICE_LOCAL        /* a Unix socket: users of this machine */
};

struct transaction {
	bool mail;          /* MAIL was accepted */
	bool smtputf8;      /* with SMTPUTF8 */
	unsigned int rcpts; /* recipients accepted */
	bool chunks;        /* BDAT was accepted */
};

struct session {
	struct conn conn;
	struct front *front;
	struct settings const *settings;
	enum smtp_service service;
	struct ssl_ctx_st *tls; /* context, made when first needed */
	bool local;    /* not a socket: a transcript, a pipe, a terminal */
	bool lf_lines; /* local, and its first line ended in a bare LF */
	bool lines_seen;
	bool hello;
	bool esmtp;    /* and it was EHLO */
	bool stranger; /* neither trusted nor on a submission port */
	bool authenticated;
	bool bare; /* a message had bare line ends: no other is taken */
	bool quit;
	unsigned int errors;
	unsigned int wrong;    /* of them, commands that were none */
	unsigned int junk;     /* commands that led nowhere, since the last
	                       message */
	unsigned int messages; /* accepted */
	long long started;     /* seconds of the monotonic clock */
	long long leave_by; /* the same clock; 0: not asked to, amid a message */
	struct transaction tx;
	struct incoming incoming; /* its message */
	stralloc line;            /* the command line, without its end */
};

/* Runs the session to its end. */
void session_run(struct session *s);

/* Queues one reply line. false when the connection is lost. */
bool session_reply(struct session *s, char const *text);

/* Starts TLS on the connection: before the greeting, or IN_SESSION, where all
 * that was read before is dropped. false when the session must end. */
bool session_start_tls(struct session *s, bool in_session);

/* The context for TLS, NULL when there is no usable certificate. */
struct ssl_ctx_st *session_tls(struct session *s);

/* Reads a line, without its end, into S->line. 1; 0 when the session is over
 * (told to the client where it should be); -1 when the line was too long. */
int session_read_line(struct session *s, size_t max);

/* Forgets the mail transaction on this side. */
void session_forget_mail(struct session *s);

/* Reading ended with ECANCELED amid a message: whether the session has been
 * asked to leave, and may finish the message first, if that comes soon. */
bool session_may_finish(struct session *s);

/* Asks the back and passes its reply on. Whether it was a yes. */
bool session_ask(struct session *s, uint8_t type,
    struct channel_field const *fields, unsigned int count);

#endif
