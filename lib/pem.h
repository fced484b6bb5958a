/* SPDX-License-Identifier: ISC */
/* Keys and certificates in PEM files. None has a passphrase: nobody is there to
 * type one, and asking for it would hang the mail. */
#ifndef BESACE_PEM_H
#define BESACE_PEM_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <skalibs/stralloc.h>

/* For OpenSSL: a passphrase is never had. */
int pem_no_passphrase(char *buf, int size, int writing, void *arg);

/* The first private key in TEXT, which may hold certificates, too. NULL when
 * there is none. */
EVP_PKEY *pem_key(stralloc const *text);

/* The private key, or the first certificate, of a file. NULL: *WHY says why, to
 * be read behind the file's name. */
EVP_PKEY *pem_read_key(char const *path, char const **why);
X509 *pem_read_certificate(char const *path, char const **why);

/* A private key that can sign mail: RSA of at least 1024 bits (RFC 8301 section
 * 3.2) or Ed25519 (RFC 8463). NULL as above. */
EVP_PKEY *pem_read_dkim_key(char const *path, char const **why);

#endif
