/* SPDX-License-Identifier: ISC */
#include "pem.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <skalibs/stralloc.h>

#include "crypto.h"
#include "file.h"
#include "private-key.h"

#define LABEL_KEY "PRIVATE KEY" /* a label's end, RFC 7468 section 10 and 13 */

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
open_text(stralloc const *text)
{
	return BIO_new_mem_buf(text->s ? text->s : "", (int)text->len);
}

static bool
is_key(char const *label)
{
	size_t len = strlen(label), end = sizeof LABEL_KEY - 1;
	return len >= end && strcmp(label + len - end, LABEL_KEY) == 0;
}

/* The first key of TEXT, when it is of a common kind. */
static EVP_PKEY *
read_common_key(stralloc const *text)
{
	struct private_key parsed;
	EVP_PKEY *key = NULL;
	char *label = NULL, *header = NULL;
	unsigned char *der = NULL;
	long len;
	bool found = false;
	BIO *bio = open_text(text);
	while (bio && !found &&
	    PEM_read_bio(bio, &label, &header, &der, &len) == 1) {
		found = is_key(label);
		if (found && !*header &&
		    private_key_parse(label,
		        (struct bytes){ (char *)der, (size_t)len }, &parsed))
			key = private_key_make(&parsed);
		OPENSSL_free(label);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)len);
	}
	BIO_free(bio);
	return key;
}

/* A key of a kind that is not common, by OpenSSL's decoders. */
static EVP_PKEY *
decode_key(stralloc const *text)
{
	BIO *bio = open_text(text);
	EVP_PKEY *key = bio && crypto_decode_keys()
	    ? PEM_read_bio_PrivateKey(bio, NULL, pem_no_passphrase, NULL)
	    : NULL;
	BIO_free(bio);
	return key;
}

EVP_PKEY *
pem_key(stralloc const *text)
{
	EVP_PKEY *key = read_common_key(text);
	return key ? key : decode_key(text);
}

static bool
read_file(char const *path, stralloc *pem, char const **why)
{
	bool ok = file_slurp(path, pem, PEM_MAX);
	if (!ok)
		*why = strerror(errno);
	return ok;
}

static void
forget(stralloc *pem)
{
	if (pem->s)
		OPENSSL_cleanse(pem->s, pem->len);
	stralloc_free(pem);
}

EVP_PKEY *
pem_read_key(char const *path, char const **why)
{
	stralloc pem = STRALLOC_ZERO;
	EVP_PKEY *key = NULL;
	if (read_file(path, &pem, why)) {
		key = pem_key(&pem);
		*why = "is not a private key in PEM without a passphrase";
	}
	forget(&pem);
	return key;
}

X509 *
pem_read_certificate(char const *path, char const **why)
{
	stralloc pem = STRALLOC_ZERO;
	X509 *certificate = NULL;
	if (read_file(path, &pem, why)) {
		BIO *bio = open_text(&pem);
		certificate =
		    PEM_read_bio_X509(bio, NULL, pem_no_passphrase, NULL);
		BIO_free(bio);
		*why = "does not start with a certificate in PEM";
	}
	forget(&pem);
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
