/* SPDX-License-Identifier: ISC */
/* Private keys of the common kinds, read without OpenSSL's decoders: to find
 * the one that fits takes them as long as the rest of a TLS handshake. */
#ifndef BESACE_PRIVATE_KEY_H
#define BESACE_PRIVATE_KEY_H

#include <stdbool.h>
#include <openssl/evp.h>

#include "bytes.h"

enum private_key_kind { PRIVATE_KEY_EC, PRIVATE_KEY_RSA, PRIVATE_KEY_ED25519 };

/* n, e, d, p, q, d mod (p-1), d mod (q-1), 1/q mod p */
enum { RSA_NUMBERS = 8 };

struct private_key {
	enum private_key_kind kind;
	char const *curve;   /* of EC: OpenSSL's name */
	struct bytes secret; /* of EC and Ed25519 */
	struct bytes point;  /* of EC: the public key */
	struct bytes number[RSA_NUMBERS];
};

/* Reads the DER of a PEM block by its label: "PRIVATE KEY" (PKCS #8, RFC 5958),
 * "EC PRIVATE KEY" (RFC 5915), "RSA PRIVATE KEY" (RFC 8017 appendix A.1.2).
 * False for a kind or form that is not common: EC keys on another curve than
 * P-256, P-384 and P-521 or without their public key, RSA keys of more than two
 * primes. KEY points into DER. Pure. */
bool private_key_parse(char const *label, struct bytes der,
    struct private_key *key);

/* For OpenSSL; NULL when it takes it not. */
EVP_PKEY *private_key_make(struct private_key const *key);

#endif
