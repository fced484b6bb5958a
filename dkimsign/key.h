/* SPDX-License-Identifier: ISC */
/* Signing keys: which one for a domain, and reading it. */
#ifndef DKIMSIGN_KEY_H
#define DKIMSIGN_KEY_H

#include <skalibs/stralloc.h>
#include <openssl/evp.h>

/* Where a key is and what it signs as. Strings end with a NUL that is not
 * counted. */
struct key_entry {
	stralloc domain;
	stralloc selector;
	stralloc file;
};

#define KEY_ENTRY_ZERO \
	{ \
		STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO \
	}

/* Finds the entry of a sender domain in dkim.cdb: the domain itself, then
 * "*.parent" from the nearest parent on, then "*". 1; 0 for none; -1 logged. */
int key_find(char const *domain, size_t len, struct key_entry *e);

/* Reads a private key in PEM: RSA of at least 1024 bits (RFC 8301 section 3.2)
 * or Ed25519 (RFC 8463). NULL, logged with the file's name. */
EVP_PKEY *key_read(char const *file);

/* The a= tag for this key. */
char const *key_algorithm(EVP_PKEY *key);

#endif
