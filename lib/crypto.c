/* SPDX-License-Identifier: ISC */
/* A provider that hands on OpenSSL's default provider, less what it has no use
 * for. An algorithm that a later OpenSSL needs for TLS has to be added here;
 * until then it is not offered to clients, and nothing else changes. */
#include "crypto.h"

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { WANTED_MAX = 20, KEPT_MAX = 64, DISPATCH_MAX = 16 };

/* The default provider's own start, which libcrypto.a shows. */
extern OSSL_provider_init_fn ossl_default_provider_init;

/* An operation and the first names of the algorithms wanted of it. */
struct operation {
	int id;
	bool filled;
	char const *wanted[WANTED_MAX];
	OSSL_ALGORITHM kept[KEPT_MAX]; /* ends with one without a name */
};

static struct operation operations[] = {
	{ .id = OSSL_OP_DIGEST,
	    .wanted = { "SHA2-256", "SHA2-384", "SHA2-512", "SHA2-224", "SHA1",
	        "MD5", "MD5-SHA1", "SHAKE-256" } },
	{ .id = OSSL_OP_CIPHER, /* ECB and CTR make random numbers */
	    .wanted = { "AES-256-GCM", "AES-128-GCM", "ChaCha20-Poly1305",
	        "AES-256-CBC", "AES-128-CBC", "AES-256-CTR", "AES-256-ECB",
	        "NULL" } },
	{ .id = OSSL_OP_MAC, .wanted = { "HMAC" } },
	{ .id = OSSL_OP_KDF,
	    .wanted = { "HKDF", "TLS13-KDF", "TLS1-PRF", "PBKDF2" } },
	{ .id = OSSL_OP_RAND, .wanted = { "CTR-DRBG", "SEED-SRC" } },
	{ .id = OSSL_OP_KEYMGMT,
	    .wanted = { "RSA", "RSA-PSS", "EC", "X25519", "X448", "ED25519",
	        "ED448", "DH", "HMAC", "ML-KEM-768", "ML-KEM-1024",
	        "X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024" } },
	{ .id = OSSL_OP_KEYEXCH, .wanted = { "ECDH", "X25519", "X448", "DH" } },
	{ .id = OSSL_OP_KEM,
	    .wanted = { "ML-KEM-768", "ML-KEM-1024", "X25519MLKEM768",
	        "SecP256r1MLKEM768", "SecP384r1MLKEM1024" } },
	{ .id = OSSL_OP_SIGNATURE,
	    .wanted = { "RSA", "ECDSA", "ED25519", "ED448", "HMAC" } },
	{ .id = OSSL_OP_ASYM_CIPHER, .wanted = { "RSA" } },
	{ .id = OSSL_OP_DECODER,
	    .wanted = { "RSA", "RSA-PSS", "EC", "ED25519", "ED448", "DER" } },
};

static OSSL_FUNC_provider_query_operation_fn *query_default;

/* NAMES of an algorithm are separated by colons. */
static bool
is_wanted(struct operation const *o, char const *names)
{
	size_t n = strcspn(names, ":");
	for (size_t i = 0; i < WANTED_MAX && o->wanted[i]; i++)
		if (strlen(o->wanted[i]) == n &&
		    strncasecmp(o->wanted[i], names, n) == 0)
			return true;
	return false;
}

static void
fill(struct operation *o, OSSL_ALGORITHM const *all)
{
	size_t n = 0;
	for (; all && all->algorithm_names && n < KEPT_MAX - 1; all++)
		if (is_wanted(o, all->algorithm_names))
			o->kept[n++] = *all;
	o->filled = true;
}

static OSSL_ALGORITHM const *
query(void *provctx, int id, int *no_cache)
{
	*no_cache = 0;
	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
		struct operation *o = &operations[i];
		if (o->id != id)
			continue;
		if (!o->filled)
			fill(o, query_default(provctx, id, no_cache));
		return o->kept;
	}
	return NULL;
}

/* What else the default provider does, it does itself. */
static int
start(OSSL_CORE_HANDLE const *handle, OSSL_DISPATCH const *in,
    OSSL_DISPATCH const **out, void **provctx)
{
	static OSSL_DISPATCH dispatch[DISPATCH_MAX];
	OSSL_DISPATCH const *whole;
	if (!ossl_default_provider_init(handle, in, &whole, provctx))
		return 0;
	for (size_t n = 0; whole[n].function_id; n++) {
		if (n == DISPATCH_MAX - 1)
			return 0;
		dispatch[n] = whole[n];
		if (whole[n].function_id ==
		    OSSL_FUNC_PROVIDER_QUERY_OPERATION) {
			query_default =
			    OSSL_FUNC_provider_query_operation(&whole[n]);
			dispatch[n].function = (void (*)(void))query;
		}
	}
	*out = dispatch;
	return query_default != NULL;
}

/* Of digests that certificates are signed with, their strength is looked up
 * by number; and that in a table which is not filled otherwise. */
static int
name_digests(void)
{
	return EVP_add_digest(EVP_sha256()) && EVP_add_digest(EVP_sha384()) &&
	    EVP_add_digest(EVP_sha512()) && EVP_add_digest(EVP_sha224()) &&
	    EVP_add_digest(EVP_sha1());
}

int
crypto_start(void)
{
	static bool started;
	if (started)
		return 1;
	/* nothing is cleaned up at exit: the process's memory goes as a whole */
	uint64_t lean = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT |
	    OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
	    OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS;
	started = OPENSSL_init_crypto(lean, NULL) == 1 && name_digests() &&
	    OSSL_PROVIDER_add_builtin(NULL, "besace", start) == 1 &&
	    OSSL_PROVIDER_load(NULL, "besace") != NULL;
	return started;
}
