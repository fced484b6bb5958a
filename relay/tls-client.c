/* SPDX-License-Identifier: ISC */
#include "tls-client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "crypto.h"
#include "tls.h"

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
	(void)SSL_CTX_load_verify_file(ctx, cafile);
	ERR_clear_error();
	return ctx;
}

static int
set_name(SSL *ssl, char const *host, char const *verify)
{
	if (*host && SSL_set_tlsext_host_name(ssl, host) != 1)
		return 0;
	if (!verify) {
		SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
		SSL_set_security_level(ssl, 0);
		return 1;
	}
	SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, verify) == 1;
}

struct ssl_st *
tls_client_new(struct ssl_ctx_st *ctx, char const *host, char const *verify)
{
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;
	if (ssl && !set_name(ssl, host, verify)) {
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

char const *
tls_client_reason(struct ssl_st const *ssl)
{
	long verify = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	return verify == X509_V_OK ||
	        SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE
	    ? tls_reason()
	    : X509_verify_cert_error_string(verify);
}
