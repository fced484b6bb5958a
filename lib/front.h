/* SPDX-License-Identifier: ISC */
/* The two processes of a session. The front owns the connection and parses
 * what strangers send; it has no files. The back has the files and no
 * connection; it answers a handful of typed requests. */
#ifndef BESACE_FRONT_H
#define BESACE_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>
#include "abuse.h"
#include "auth-challenge.h"
#include "channel.h"
#include "open-sessions.h"
#include "peer.h"
#include "settings.h"
#include "tls.h"

enum { FRONT_LOGIN_MAX = 512 };

/* Requests every session has; a program's own start at REQUEST_OWN. */
enum {
	REQUEST_CERTIFICATE = 1, /* server name -> PEM, empty: the default */
	REQUEST_TICKET_KEYS,     /* -> keys, one a field */
	REQUEST_MECHANISMS, /* -> names, as in the map: auth-mechanisms.h */
	REQUEST_CHALLENGE,  /* mechanism, login; SCRAM: nonce and
	                            client-first-message-bare -> the challenge */
	REQUEST_LOGIN,      /* mechanism, login, password or proof; SCRAM:
	                            client-final-message-without-proof -> for the
	                            client, often empty */
	REQUEST_REFUSE,     /* mechanism, login, reason for the log: a
	                            failed login that the front knows of */
	REQUEST_LOGOUT,     /* after a login: it was taken back */
	REQUEST_LOG,        /* event, detail -> nothing, no reply */
	REQUEST_PROXY,      /* client, port; or nothing: its own word */
	REQUEST_CONNECT,    /* -> may it be served? the first words; for SMTP
	                          * a second field when it is a stranger */
	REQUEST_OWN = 32
};

/* What a reply's type says. */
enum {
	REPLY_NO,
	REPLY_YES,
	REPLY_LATER,
	REPLY_LEAVE /* no reply: others wait for the client's place */
};

enum front_side { FRONT_FAILED = -1, FRONT_FRONT, FRONT_BACK };

struct front {
	int channel; /* to the other side */
	int stream;  /* a byte stream to it, -1 if not asked for */
	pid_t child; /* for the back: the front's process */
	bool leave;  /* for the front: REPLY_LEAVE has come */
	bool mechanisms_known;
	uint64_t mechanisms; /* for the front: REQUEST_MECHANISMS's answer */
};

/* Forks; call with stdin and stdout on the connection. The caller stays the
 * back, without the connection (0 and 1 are /dev/null); the child is the
 * front, with 0, 1, the channel and the stream only, and confined. It returns
 * in both. */
enum front_side front_fork(struct front *f, bool with_stream);

/* --- for the front ------------------------------------------------------- */

/* Sends a request and waits for its reply. 1, or 0 when the back is gone. */
int front_ask(struct front *f, uint8_t type, struct channel_field const *fields,
    unsigned int count, struct channel_message *reply);

/* The same; *TEXT becomes the reply's first field. The reply's type,
 * REPLY_LATER when the back is gone. */
int front_ask_text(struct front *f, uint8_t type,
    struct channel_field const *fields, unsigned int count, stralloc *text);

/* When the channel has something to say unasked: whether the client has to
 * leave; else the back is gone. */
bool front_must_leave(struct front *f);

/* Has the back write a log line. */
void front_log(struct front *f, char const *event, char const *detail);

/* A TLS context whose certificates the back hands over. NULL when there is no
 * usable certificate (logged). */
struct ssl_ctx_st *front_tls(struct front *f, struct settings const *settings);

/* Asks for a login by a command of its own, IMAP's LOGIN; SASL is in
 * authenticate.h. REPLY_YES, REPLY_NO, or REPLY_LATER when it could not be
 * checked. */
int front_login(struct front *f, char const *mechanism,
    struct channel_field login, struct channel_field password);

/* The client took a login back. 1, or 0 when the back is gone. */
int front_logout(struct front *f);

/* --- for the back -------------------------------------------------------- */

struct back {
	int channel;
	char const *service; /* for auth_check: "smtp", "imap" */
	struct settings const *settings;
	struct peer *peer;
	char const *listener; /* "submissions", for the log */
	bool proxy_due;       /* a proxy has not said yet whose connection
	                         it is */
	bool local;           /* a user of this machine, by a Unix socket */
	uid_t uid;            /* and which */
	bool connected;       /* REQUEST_CONNECT has come */
	bool admitted;        /* and was answered by yes */
	struct abuse abuse;
	struct open_session place;
	stralloc user; /* who logged in, NUL-terminated; empty for nobody */
	struct auth_challenge challenge;
};

/* Answers a request of the common kinds. false when it is not one. A login
 * that succeeds sets BACK->user; any other is answered auth_failure_delay (or
 * more, for one of many) after it was asked, whatever the check took. */
bool back_answer(struct back *b, struct channel_message const *m);

/* Waits for the front's end, and logs an end that was not its own will: a
 * forbidden call, a crash. Call when its channel is closed. */
void back_wait(struct front const *f);

/* Logs the end of a child, STATUS as waitpid has it. */
void back_log_end(char const *what, int status);

/* Waits, confined or not, until the other side has closed FD (the channel or
 * the stream) or took too long about it: an answer on its way must reach the
 * client, and the front may die with us. */
void back_linger(int fd);

/* Sends a reply. The front's end shows at the next receive, and so does a reply
 * that cannot be sent: the session is over. */
void back_reply(struct back *b, uint8_t type,
    struct channel_field const *fields, unsigned int count);

/* The same with a descriptor; -1 for none. */
void back_reply_with(struct back *b, uint8_t type,
    struct channel_field const *fields, unsigned int count, int fd);

#endif
