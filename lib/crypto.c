/* SPDX-License-Identifier: ISC */
/* A provider that hands on OpenSSL's default provider, less what it has no use
 * for. An algorithm that a later OpenSSL needs for TLS has to be added here;
 * until then it is not offered to clients, and nothing else changes. */
#include "crypto.h"

#include <ctype.h>
#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { WANTED_MAX = 20, KEPT_MAX = 128, DISPATCH_MAX = 16 };

/* The default provider's own start, which libcrypto.a shows. */
extern OSSL_provider_init_fn ossl_default_provider_init;

/* An operation and the first names of the algorithms wanted of it. */
struct operation {
	int id;
	char const *wanted[WANTED_MAX];
};

static struct operation const operations[] = {
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
	    .wanted = { "RSA", "RSA-PSS", "EC", "ED25519", "ED448" } },
};

enum { OPERATIONS = sizeof operations / sizeof *operations };

/* Of the decoders, those of public keys in certificates: there are five to a
 * key, and each is tried. See private-key.h. */
#define WANTED_STRUCTURE "structure=SubjectPublicKeyInfo"

/* --- algorithms ------------------------------------------------------------- */

static OSSL_FUNC_provider_query_operation_fn *query_default;
static OSSL_FUNC_provider_get_capabilities_fn *capabilities_default;

/* Whether NAME is the first of NAMES, which are separated by colons. */
static bool
is_first(char const *name, char const *names)
{
	size_t n = 0;
	while (name[n] &&
	    tolower((unsigned char)name[n]) == tolower((unsigned char)names[n]))
		n++;
	return !name[n] && (!names[n] || names[n] == ':');
}

static bool
is_wanted(struct operation const *o, OSSL_ALGORITHM const *a)
{
	bool wanted = false;
	for (size_t i = 0; !wanted && i < WANTED_MAX && o->wanted[i]; i++)
		wanted = is_first(o->wanted[i], a->algorithm_names);
	return wanted &&
	    (o->id != OSSL_OP_DECODER ||
	        strstr(a->property_definition, WANTED_STRUCTURE));
}

/* Those wanted of ALL, up to one without a name. They lie close together: each
 * page that is written to costs a connection 2 microseconds. */
static OSSL_ALGORITHM const *
keep(struct operation const *o, OSSL_ALGORITHM const *all)
{
	static OSSL_ALGORITHM kept[KEPT_MAX];
	static size_t used;
	OSSL_ALGORITHM const *first = kept + used;
	for (; all && all->algorithm_names && used < KEPT_MAX - 1; all++)
		if (is_wanted(o, all))
			kept[used++] = *all;
	if (used < KEPT_MAX - 1)
		used++;
	return first;
}

static OSSL_ALGORITHM const *
query(void *provctx, int id, int *no_cache)
{
	static OSSL_ALGORITHM const *found[OPERATIONS];
	*no_cache = 0;
	for (size_t i = 0; i < OPERATIONS; i++)
		if (operations[i].id == id) {
			if (!found[i])
				found[i] = keep(&operations[i],
				    query_default(provctx, id, no_cache));
			return found[i];
		}
	return NULL;
}

/* --- groups ----------------------------------------------------------------- */

/* Of the fifty groups for key exchange that TLS has numbers for, those that it
 * offers if nobody asks for others; and the hybrids of OpenSSL 3.5. */
static char const *const groups[] = { "x25519", "secp256r1", "x448",
	"secp384r1", "secp521r1", "ffdhe2048", "ffdhe3072", "ffdhe4096",
	"ffdhe6144", "ffdhe8192", "X25519MLKEM768", "SecP256r1MLKEM768",
	"SecP384r1MLKEM1024" };

struct taker {
	OSSL_CALLBACK *take;
	void *arg;
};

static int
take_group(OSSL_PARAM const params[], void *arg)
{
	struct taker *taker = arg;
	OSSL_PARAM const *name =
	    OSSL_PARAM_locate_const(params, OSSL_CAPABILITY_TLS_GROUP_NAME);
	for (size_t i = 0; name && i < sizeof groups / sizeof *groups; i++)
		if (strcmp(name->data, groups[i]) == 0)
			return taker->take(params, taker->arg);
	return 1;
}

static int
get_capabilities(void *provctx, char const *capability, OSSL_CALLBACK *take,
    void *arg)
{
	struct taker taker = { take, arg };
	return strcmp(capability, "TLS-GROUP") == 0
	    ? capabilities_default(provctx, capability, take_group, &taker)
	    : capabilities_default(provctx, capability, take, arg);
}

/* --- the provider ----------------------------------------------------------- */

static void
replace(OSSL_DISPATCH *of)
{
	switch (of->function_id) {
	case OSSL_FUNC_PROVIDER_QUERY_OPERATION:
		query_default = OSSL_FUNC_provider_query_operation(of);
		of->function = (void (*)(void))query;
		break;
	case OSSL_FUNC_PROVIDER_GET_CAPABILITIES:
		capabilities_default = OSSL_FUNC_provider_get_capabilities(of);
		of->function = (void (*)(void))get_capabilities;
		break;
	default:
		break;
	}
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
		replace(&dispatch[n]);
	}
	*out = dispatch;
	return query_default && capabilities_default;
}

/* Of digests that certificates are signed with, their strength is looked up
 * by number; and that in a table which is not filled otherwise. What is in it
 * before the first fetch goes into another one, too, name by name. */
static int
name_digests(void)
{
	EVP_MD *first = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	EVP_MD_free(first);
	return first && EVP_add_digest(EVP_sha256()) &&
	    EVP_add_digest(EVP_sha384()) && EVP_add_digest(EVP_sha512()) &&
	    EVP_add_digest(EVP_sha224()) && EVP_add_digest(EVP_sha1());
}

static bool started;

int
crypto_start(void)
{
	if (started)
		return 1;
	/* nothing is cleaned up at exit: the process's memory goes as a whole */
	uint64_t lean = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT |
	    OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
	    OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS;
	started = OPENSSL_init_crypto(lean, NULL) == 1 &&
	    OSSL_PROVIDER_add_builtin(NULL, "besace", start) == 1 &&
	    OSSL_PROVIDER_load(NULL, "besace") != NULL && name_digests();
	return started;
}

int
crypto_decode_keys(void)
{
	return !started || OSSL_PROVIDER_load(NULL, "default") != NULL;
}
