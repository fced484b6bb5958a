/* SPDX-License-Identifier: ISC */
/* For lib/password*.c: a scheme is a row of the table in password.c, its
 * functions stand in a file by kind. */
#ifndef BESACE_PASSWORD_SCHEME_H
#define BESACE_PASSWORD_SCHEME_H

#include <stdbool.h>
#include <stddef.h>
#include <openssl/types.h>
#include <skalibs/stralloc.h>
#include "bytes.h"

struct scheme {
	char const *name;
	/* What follows the braces: can it be verified? Else *WHY. Pure. */
	int (*usable)(struct scheme const *, struct bytes hash,
	    char const **why);
	int (*verify)(struct scheme const *, struct bytes hash,
	    struct bytes given);
	/* Appends a new hash, with salt and cost of LIKE (one of this scheme)
	 * where that is not empty. 1, or 0 with errno. NULL: not for new ones. */
	int (*make)(struct scheme const *, struct bytes given,
	    struct bytes like, stralloc *hash);
	char const *prefix; /* crypt: what the hash starts with */
	EVP_MD const *(*digest)(void);
	bool salted;
};

typedef int scheme_usable(struct scheme const *, struct bytes, char const **);
typedef int scheme_verify(struct scheme const *, struct bytes, struct bytes);
typedef int scheme_make(struct scheme const *, struct bytes, struct bytes,
    stralloc *);

scheme_usable crypt_usable, digest_usable, argon2_usable, plain_usable,
    cram_usable, scram_usable;
scheme_verify crypt_verify, digest_verify, argon2_verify_hash, plain_verify,
    cram_verify, scram_verify;
scheme_make crypt_make, argon2_make, plain_make, cram_make, scram_make;

/* Compares in constant time. */
bool octets_equal(void const *a, void const *b, size_t len);

#endif
