/* SPDX-License-Identifier: ISC */
/* Logins by a challenge, on the side that has the secrets. */
#ifndef BESACE_AUTH_CHALLENGE_H
#define BESACE_AUTH_CHALLENGE_H

#include "auth.h"
#include "scram.h"

enum auth_challenge_of { AUTH_NO_CHALLENGE, AUTH_CRAM_MD5, AUTH_SCRAM };

/* A challenge that was sent. It is answered once. */
struct auth_challenge {
	enum auth_challenge_of open;
	stralloc login;   /* SCRAM: whom it is for, as he wrote it */
	stralloc message; /* CRAM-MD5: the challenge; SCRAM: the messages */
	struct scram_secret salt; /* SCRAM: its salt and rounds */
};

/* *TEXT becomes a challenge of CRAM-MD5. 1, or 0 with errno. */
int auth_challenge_cram_md5(struct auth_challenge *c, char const *hostname,
    stralloc *text);

/* *TEXT becomes server-first-message for LOGIN, which may be unknown: that
 * cannot be seen. 1; 0 when it cannot be made now (logged). */
int auth_challenge_scram(struct auth_challenge *c, char const *service,
    struct bytes login, struct bytes nonce, struct bytes client_first_bare,
    stralloc *text);

/* The verdicts on the answers. *TEXT becomes server-final-message. */
enum auth_result auth_answer_cram_md5(struct auth_challenge *c,
    char const *service, struct bytes login, struct bytes digest,
    struct auth_verdict *v);
enum auth_result auth_answer_scram(struct auth_challenge *c,
    char const *service, struct bytes proof, struct bytes without_proof,
    stralloc *text, struct auth_verdict *v);

#endif
