/* SPDX-License-Identifier: ISC */
/* Keys and certificates: whether they can be used, and new ones. */
#ifndef BESACE_CREDENTIALS_H
#define BESACE_CREDENTIALS_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

/* NULL when the file holds a private key that can sign; else why not. */
char const *credentials_check_dkim(char const *path);

struct credentials_fault {
	char const *why; /* NULL: none */
	bool key;        /* it is the key file's, not the chain file's */
	bool warning;    /* it can be used all the same */
};

/* Whether the chain's first certificate and the key belong together and are of
 * use today. */
struct credentials_fault credentials_check_pair(char const *chain,
    char const *key);

/* A self-signed EC P-256 certificate for localhost, 127.0.0.1, ::1 and HOST,
 * with its key, as PEM. 1, or 0. */
int credentials_make_certificate(char const *host, stralloc *certificate,
    stralloc *key);

/* An RSA-2048 key as PEM, and the TXT record's value for it (RFC 6376 section
 * 3.6.1). 1, or 0. */
int credentials_make_dkim(stralloc *key, stralloc *record);

#endif
