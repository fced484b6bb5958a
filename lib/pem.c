/* SPDX-License-Identifier: ISC */
#include "pem.h"

#include <errno.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <skalibs/stralloc.h>
#include "file.h"

enum { PEM_MAX = 65536, RSA_BITS_MIN = 1024 };

int
pem_no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static BIO *
open_file(char const *path, stralloc *pem, char const **why)
{
	*why = "no memory";
	if (!file_slurp(path, pem, PEM_MAX)) {
		*why = strerror(errno);
		return NULL;
	}
	return BIO_new_mem_buf(pem->s ? pem->s : "", (int)pem->len);
}

static void
close_file(BIO *bio, stralloc *pem)
{
	BIO_free(bio);
	if (pem->s)
		OPENSSL_cleanse(pem->s, pem->len);
	stralloc_free(pem);
}

EVP_PKEY *
pem_read_key(char const *path, char const **why)
{
	stralloc pem = STRALLOC_ZERO;
	BIO *bio = open_file(path, &pem, why);
	EVP_PKEY *key = NULL;
	if (bio) {
		key =
		    PEM_read_bio_PrivateKey(bio, NULL, pem_no_passphrase, NULL);
		*why = "is not a private key in PEM without a passphrase";
	}
	close_file(bio, &pem);
	return key;
}

X509 *
pem_read_certificate(char const *path, char const **why)
{
	stralloc pem = STRALLOC_ZERO;
	BIO *bio = open_file(path, &pem, why);
	X509 *certificate = NULL;
	if (bio) {
		certificate =
		    PEM_read_bio_X509(bio, NULL, pem_no_passphrase, NULL);
		*why = "does not start with a certificate in PEM";
	}
	close_file(bio, &pem);
	return certificate;
}

/* NULL when the key can sign. */
static char const *
objection(EVP_PKEY *key)
{
	if (EVP_PKEY_get_id(key) == EVP_PKEY_ED25519)
		return NULL;
	if (EVP_PKEY_get_id(key) != EVP_PKEY_RSA)
		return "is neither an RSA nor an Ed25519 key";
	return EVP_PKEY_get_bits(key) < RSA_BITS_MIN
	    ? "is an RSA key of less than 1024 bits"
	    : NULL;
}

EVP_PKEY *
pem_read_dkim_key(char const *path, char const **why)
{
	EVP_PKEY *key = pem_read_key(path, why);
	char const *bad = key ? objection(key) : NULL;
	if (!bad)
		return key;
	*why = bad;
	EVP_PKEY_free(key);
	return NULL;
}
