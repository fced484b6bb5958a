/* SPDX-License-Identifier: ISC */
/* CRAM-MD5 (RFC 2195): HMAC-MD5 of a challenge, with the password as key. */
#ifndef BESACE_CRAM_MD5_H
#define BESACE_CRAM_MD5_H

#include "bytes.h"

enum { CRAM_MD5_SECRET = 32, CRAM_MD5_DIGEST = 16 };

/* What is stored instead of the password: the states of the outer and of the
 * inner MD5 after the key's block, as Dovecot's {CRAM-MD5} has them. */
struct cram_md5_secret {
	unsigned char octets[CRAM_MD5_SECRET];
};

/* 1, or 0 when the library fails. */
int cram_md5_derive(struct bytes password, struct cram_md5_secret *secret);

/* Reads the 64 hexadecimal digits of {CRAM-MD5}. 1, or 0. Pure. */
int cram_md5_parse(struct bytes hash, struct cram_md5_secret *secret);

/* The digest that answers CHALLENGE. 1, or 0 when the library fails. */
int cram_md5_digest(struct cram_md5_secret const *secret,
    struct bytes challenge, unsigned char digest[CRAM_MD5_DIGEST]);

/* Reads a client's answer, "LOGIN DIGEST" with 32 lower-case digits. LOGIN
 * points into S. 1, or 0. Pure. */
int cram_md5_response(struct bytes s, struct bytes *login,
    unsigned char digest[CRAM_MD5_DIGEST]);

#endif
