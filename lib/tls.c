/* SPDX-License-Identifier: ISC */
#include "tls.h"

#define OPENSSL_SUPPRESS_DEPRECATED /* ERR_load_SSL_strings */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "pem.h"

enum { NAME_SIZE = 16, CIPHER_SIZE = 32, AUTH_SIZE = 32 };

struct state {
	struct tls_source const *source;
	struct tls_ticket_keys tickets;
};

/* What a server shows, and its key. */
struct pair {
	X509 *leaf;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
};

static void
pair_free(struct pair *pair)
{
	X509_free(pair->leaf);
	sk_X509_pop_free(pair->chain, X509_free);
	EVP_PKEY_free(pair->key);
}

/* Free what is there of it whether it succeeds or not. */
static int
pair_read(stralloc const *pem, struct pair *pair)
{
	BIO *bio = BIO_new_mem_buf(pem->s, (int)pem->len);
	X509 *next;
	pair->leaf = PEM_read_bio_X509(bio, NULL, pem_no_passphrase, NULL);
	pair->chain = sk_X509_new_null();
	int ok = pair->leaf && pair->chain;
	while (ok &&
	    (next = PEM_read_bio_X509(bio, NULL, pem_no_passphrase, NULL))) {
		ok = sk_X509_push(pair->chain, next) > 0;
		if (!ok)
			X509_free(next);
	}
	BIO_free(bio);
	if (ok)
		ERR_clear_error(); /* that there is no other certificate */
	pair->key = ok ? pem_key(pem) : NULL;
	return pair->key != NULL;
}

/* The pair of NAME, for SSL, or "" for CTX; one of them is NULL. 1, also when
 * the default serves NAME. */
static int
use_pair(struct state *state, char const *name, SSL *ssl, SSL_CTX *ctx)
{
	struct pair pair = { NULL, NULL, NULL };
	stralloc pem = STRALLOC_ZERO;
	int ok = state->source->certificate(state->source->arg, name, &pem);
	if (ok && pem.len) {
		ok = pair_read(&pem, &pair);
		if (ok && ctx)
			ok = SSL_CTX_use_cert_and_key(ctx, pair.leaf, pair.key,
			    pair.chain, 1);
		if (ok && ssl) {
			/* of two kinds of keys OpenSSL would choose by itself */
			SSL_certs_clear(ssl);
			ok = SSL_use_cert_and_key(ssl, pair.leaf, pair.key,
			    pair.chain, 1);
		}
		if (!ok && ssl && state->source->unusable)
			state->source->unusable(state->source->arg);
		pair_free(&pair);
	}
	if (pem.s)
		OPENSSL_cleanse(pem.s, pem.len);
	stralloc_free(&pem);
	return ok;
}

static int
choose_certificate(SSL *ssl, void *arg)
{
	char const *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	return !name || !*name || /* the default is there already */
	    use_pair(arg, name, ssl, NULL);
}

static int
set_auth_key(EVP_MAC_CTX *mac, unsigned char *key)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key,
		    AUTH_SIZE),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		    0),
		OSSL_PARAM_construct_end(),
	};
	return EVP_MAC_CTX_set_params(mac, params);
}

static int
use_ticket_key(unsigned char *key, unsigned char *iv, EVP_CIPHER_CTX *cipher,
    EVP_MAC_CTX *mac, int sealing)
{
	return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL,
	           key + NAME_SIZE, iv, sealing) == 1 &&
	    set_auth_key(mac, key + NAME_SIZE + CIPHER_SIZE) == 1;
}

/* SSL_CTX_set_tlsext_ticket_key_evp_cb(3): 1 done, 2 done and give a new
 * ticket, 0 unknown key, -1 failed. */
static int
ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int sealing)
{
	struct state *state = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	struct tls_ticket_keys *keys = &state->tickets;
	if (sealing) {
		memcpy(name, keys->key[0], NAME_SIZE);
		return RAND_bytes(iv, EVP_MAX_IV_LENGTH) == 1 &&
		        use_ticket_key(keys->key[0], iv, cipher, mac, 1)
		    ? 1
		    : -1;
	}
	for (unsigned int i = 0; i < keys->count; i++)
		if (memcmp(name, keys->key[i], NAME_SIZE) == 0)
			return !use_ticket_key(keys->key[i], iv, cipher, mac, 0)
			    ? -1
			    : i == 0 ? 1
			             : 2;
	return 0;
}

static void
set_tickets(SSL_CTX *ctx, struct state *state)
{
	state->tickets.count = 0;
	struct tls_source const *source = state->source;
	if (!source->ticket_keys ||
	    !source->ticket_keys(source->arg, &state->tickets) ||
	    !state->tickets.count) {
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		SSL_CTX_set_num_tickets(ctx, 0);
		return;
	}
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, ticket_key);
}

struct ssl_ctx_st *
tls_server(struct tls_source const *source, char const *min_protocol)
{
	static struct state state;
	state.source = source;
	SSL_CTX *ctx = crypto_start() &&
	        OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_SSL_STRINGS, NULL) == 1
	    ? SSL_CTX_new(TLS_server_method())
	    : NULL;
	if (!ctx)
		return NULL;
	ERR_clear_error();
	int min = strcmp(min_protocol, "TLSv1.3") == 0 ? TLS1_3_VERSION
	                                               : TLS1_2_VERSION;
	SSL_CTX_set_app_data(ctx, &state);
	SSL_CTX_set_min_proto_version(ctx, min);
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
	        SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_id_context(ctx, (unsigned char const *)"besace", 6);
	SSL_CTX_set_dh_auto(ctx, 1);
	/* now, so that STARTTLS can be refused while that is still possible */
	if (!use_pair(&state, "", NULL, ctx) ||
	    !SSL_CTX_get0_certificate(ctx)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	SSL_CTX_set_cert_cb(ctx, choose_certificate, &state);
	set_tickets(ctx, &state);
	return ctx;
}

char const *
tls_reason(void)
{
	static char number[32];
	unsigned long e = ERR_peek_last_error();
	if (e) /* late: few connections fail */
		ERR_load_SSL_strings();
	char const *text = e ? ERR_reason_error_string(e) : "connection lost";
	if (!text) /* of libcrypto: its texts are not loaded */
		snprintf(number, sizeof number, "error:%08lX", e);
	return text ? text : number;
}

char const *
tls_protocol(struct ssl_st const *ssl)
{
	return SSL_get_version(ssl);
}

char const *
tls_cipher(struct ssl_st const *ssl)
{
	return SSL_get_cipher_name(ssl);
}

bool
tls_can_bind(struct ssl_st const *ssl)
{
	return SSL_version(ssl) == TLS1_3_VERSION;
}

int
tls_bind(struct ssl_st *ssl, unsigned char out[TLS_BINDING_SIZE])
{
	static char const label[] = "EXPORTER-Channel-Binding";
	return SSL_export_keying_material(ssl, out, TLS_BINDING_SIZE, label,
	           sizeof label - 1, NULL, 0, 0) == 1;
}
