/* SPDX-License-Identifier: ISC */
/* SCRAM (RFC 5802, RFC 7677): its messages, its keys, and the form in which
 * they are stored (RFC 5803, as Dovecot's {SCRAM-SHA-256} has it). */
#ifndef BESACE_SCRAM_H
#define BESACE_SCRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/types.h>
#include <skalibs/stralloc.h>
#include "bytes.h"

enum {
	SCRAM_LOGIN_MAX = 512, /* octets */
	SCRAM_NONCE_MAX = 256,
	SCRAM_SALT = 16, /* of a new secret */
	SCRAM_SALT_MAX = 256,
	SCRAM_ROUNDS = 4096, /* of a password that is stored as it is */
	SCRAM_ROUNDS_NEW = 16384,
	SCRAM_ROUNDS_MAX = 10000000,
	SCRAM_KEY_MAX = 64,
	SCRAM_SHA_256 = 32 /* octets of a proof */
};

/* --- the stored form ------------------------------------------------------ */

struct scram_secret {
	uint32_t rounds;
	size_t salt_len;
	unsigned char salt[SCRAM_SALT_MAX];
	unsigned char stored_key[SCRAM_KEY_MAX];
	unsigned char server_key[SCRAM_KEY_MAX];
};

/* Reads "rounds,salt,StoredKey,ServerKey", the last three in base64. 1, or 0.
 * Pure. */
int scram_parse(struct bytes text, EVP_MD const *md,
    struct scram_secret *secret);

/* Appends that text. 1, or 0 with errno. */
int scram_format(struct scram_secret const *secret, EVP_MD const *md,
    stralloc *text);

/* The keys of PASSWORD with the salt and the rounds that SECRET has. 1, or 0
 * when the library fails. */
int scram_derive(struct bytes password, EVP_MD const *md,
    struct scram_secret *secret);

bool scram_same_salt(struct scram_secret const *a,
    struct scram_secret const *b);

/* --- the messages --------------------------------------------------------- */

struct scram_first {
	char flag;            /* n: no channel binding; y: the server has none,
	                        thinks the client; p: as BINDING says */
	struct bytes binding; /* "tls-exporter" */
	struct bytes gs2;     /* the header up to its last comma */
	struct bytes bare;    /* what follows it */
	struct bytes nonce;
	size_t login_len;
	char login[SCRAM_LOGIN_MAX]; /* decoded */
};

/* Reads client-first-message. An authorisation identity other than the login
 * is refused, as nobody may act for another. The bytes point into S. 1, or 0.
 * Pure. */
int scram_client_first(struct bytes s, struct scram_first *first);

struct scram_final {
	struct bytes binding; /* in base64: the gs2 header, then binding data */
	struct bytes nonce;
	struct bytes without_proof;
	unsigned char proof[SCRAM_SHA_256];
};

/* Reads client-final-message of SCRAM-SHA-256. As above. */
int scram_client_final(struct bytes s, struct scram_final *final);

/* Whether the final message speaks of this exchange: the header of the first
 * one, this channel's binding data, and the whole nonce. 1; 0 no; -1 out of
 * memory. */
int scram_binding_fits(struct scram_final const *final, struct bytes gs2,
    struct bytes channel, struct bytes nonce);

/* Appends server-first-message. 1, or 0 with errno. */
int scram_server_first(struct bytes nonce, struct scram_secret const *secret,
    stralloc *text);

/* Reads server-first-message, the answer to a client whose nonce is MINE: the
 * nonce of both, salt and rounds. The bytes point into S. 1, or 0. Pure. */
int scram_read_server_first(struct bytes s, struct bytes mine,
    struct bytes *nonce, struct scram_secret *secret);

/* The client's PROOF that it knows the password, and the server's SIGNATURE
 * that is to come back, with the salt and the rounds that SECRET has. 1, or 0
 * when the library fails. */
int scram_prove(struct bytes password, struct scram_secret *secret,
    struct bytes auth_message, unsigned char proof[SCRAM_SHA_256],
    unsigned char signature[SCRAM_SHA_256]);

/* Whether PROOF was made by one who knows the password; AUTH_MESSAGE as in RFC
 * 5802 section 3. If so, SIGNATURE becomes the server's own proof. */
bool scram_proof_fits(struct scram_secret const *secret,
    struct bytes auth_message, unsigned char const proof[SCRAM_SHA_256],
    unsigned char signature[SCRAM_SHA_256]);

#endif
