/* SPDX-License-Identifier: ISC */
/* The DKIM-Signature field: RFC 6376 sections 3.5, 3.7 and 5.4, RFC 8463. */
#ifndef DKIMSIGN_SIGNATURE_H
#define DKIMSIGN_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include <openssl/evp.h>
#include "canon.h"

struct signature {
	enum canon header;
	enum canon body;
	char const *domain;
	char const *selector;
	EVP_PKEY *key;
	uint64_t time; /* t= */
};

/* *FIELD becomes the whole field for this message, folded with LF, with its
 * last line end. 1, or 0: memory or the crypto library failed. */
int signature_make(struct signature const *how, char const *m, size_t len,
    stralloc *field);

#endif
