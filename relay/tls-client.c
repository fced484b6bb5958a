/* SPDX-License-Identifier: ISC */
#include "tls-client.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "bytes.h"
#include "crypto.h"
#include "file.h"
#include "tls.h"

/* The file of the authorities' certificates, mapped. To read it takes longer
 * than many a session, and most sessions ask none of them. */
static struct bytes authorities;

static void
map_authorities(char const *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!file_input(fd, &authorities.s, &authorities.len, INT_MAX))
		authorities.len = 0;
	close(fd);
}

struct ssl_ctx_st *
tls_client_context(char const *cafile)
{
	SSL_CTX *ctx = crypto_start() ? SSL_CTX_new(TLS_client_method()) : NULL;
	if (!ctx)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
	        SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	/* without it, nothing verifies: that is logged where it matters */
	map_authorities(cafile);
	return ctx;
}

static void
load_authorities(SSL *ssl)
{
	X509_STORE *store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
	BIO *text = BIO_new_mem_buf(authorities.s, (int)authorities.len);
	char no_password[] = "";
	X509 *one;
	while (text &&
	    (one = PEM_read_bio_X509_AUX(text, NULL, NULL, no_password))) {
		(void)X509_STORE_add_cert(store, one);
		X509_free(one);
	}
	BIO_free(text);
	ERR_clear_error();
	authorities.len = 0;
}

/* Whether the certificate has to be one by an authority, or is to be told if it
 * is. */
static bool
asks_authorities(struct tls_policy const *policy)
{
	return policy->testing || policy->level > TLS_ENCRYPT;
}

static int
set_names(SSL *ssl, struct tls_policy const *policy)
{
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	for (unsigned int i = 0; i < policy->name_count; i++)
		if (SSL_add1_host(ssl, policy->name[i]) != 1)
			return 0;
	return 1;
}

/* Without a policy any certificate will do, that being better than none. */
static int
apply(SSL *ssl, struct tls_policy const *policy)
{
	bool must = policy->level > TLS_ENCRYPT;
	if (*policy->sni && SSL_set_tlsext_host_name(ssl, policy->sni) != 1)
		return 0;
	SSL_set_verify(ssl, must ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	if (!must)
		SSL_set_security_level(ssl, 0);
	if (must && !policy->name_count)
		return 0;
	if (asks_authorities(policy) && authorities.len)
		load_authorities(ssl);
	return set_names(ssl, policy);
}

struct ssl_st *
tls_client_new(struct ssl_ctx_st *ctx, struct tls_policy const *policy)
{
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;
	if (ssl && !apply(ssl, policy)) {
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

/* What was found of the certificate, where that matters. */
static long
verify_result(SSL const *ssl, struct tls_policy const *policy)
{
	return ssl && asks_authorities(policy) ? SSL_get_verify_result(ssl)
	                                       : X509_V_OK;
}

enum tls_result
tls_client_result(struct ssl_st const *ssl, struct tls_policy const *policy)
{
	switch (verify_result(ssl, policy)) {
	case X509_V_OK:
		return ssl && SSL_is_init_finished(ssl)
		    ? TLS_RESULT_SUCCESS
		    : TLS_RESULT_VALIDATION_FAILURE;
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return TLS_RESULT_CERTIFICATE_HOST_MISMATCH;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return TLS_RESULT_CERTIFICATE_EXPIRED;
	case X509_V_ERR_DANE_NO_MATCH:
		return TLS_RESULT_VALIDATION_FAILURE;
	default:
		return TLS_RESULT_CERTIFICATE_NOT_TRUSTED;
	}
}

char const *
tls_client_reason(struct ssl_st const *ssl, struct tls_policy const *policy)
{
	long result = verify_result(ssl, policy);
	return result == X509_V_OK ? tls_reason()
	                           : X509_verify_cert_error_string(result);
}
