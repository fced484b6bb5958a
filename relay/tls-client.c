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
static bool any_authority;

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

void
tls_client_prepare(char const *cafile)
{
	/* without it, nothing verifies: that is said where it matters */
	map_authorities(cafile);
}

/* Made when a server first offers TLS: many sessions never come so far. NULL
 * when the library fails. */
static SSL_CTX *
get_context(void)
{
	static SSL_CTX *ctx;
	if (ctx || !crypto_start() || !(ctx = SSL_CTX_new(TLS_client_method())))
		return ctx;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
	        SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
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
		if (X509_STORE_add_cert(store, one) == 1)
			any_authority = true;
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
	return policy->testing || policy->level == TLS_VERIFY;
}

/* To the library an empty name is none, which any certificate has; an IP address
 * is to be in the certificate as one. */
static int
set_names(SSL *ssl, struct tls_policy const *policy)
{
	unsigned int flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
	if (policy->kind == TLS_POLICY_STS) /* RFC 8461 section 4.1 */
		flags |= X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
	SSL_set_hostflags(ssl, flags);
	for (unsigned int i = 0; i < policy->name_count; i++)
		if (!*policy->name[i] ||
		    SSL_add1_host(ssl, policy->name[i]) != 1)
			return 0;
	return 1;
}

/* How many of the records are of use; -1 when the library fails. */
static int
use_records(SSL *ssl, struct tls_policy const *policy)
{
	size_t at = 0;
	struct tlsa t;
	int count = 0;
	if (SSL_CTX_dane_enable(SSL_get_SSL_CTX(ssl)) != 1 ||
	    SSL_dane_enable(ssl, NULL) != 1)
		return -1;
	/* RFC 7672 section 3.1.1 */
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	while (tlsa_set_next(&policy->tlsa, &at, &t)) {
		int r = SSL_dane_tlsa_add(ssl, (uint8_t)t.usage,
		    (uint8_t)t.selector, (uint8_t)t.matching, t.data, t.len);
		if (r < 0)
			return -1;
		count += r;
	}
	ERR_clear_error();
	return count;
}

/* Without a policy any certificate will do, that being better than none; and by
 * records none of which is of use (RFC 7672 section 2.2). */
static int
apply(SSL *ssl, struct tls_policy const *policy)
{
	bool must = policy->level > TLS_ENCRYPT;
	if (policy->level == TLS_DANE_ONLY) {
		int count = use_records(ssl, policy);
		if (count < 0 || (!count && policy->dane_required))
			return 0;
		must = count;
	}
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
tls_client_new(struct tls_policy const *policy)
{
	SSL_CTX *ctx = get_context();
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
	return ssl &&
	        (policy->testing || SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE)
	    ? SSL_get_verify_result(ssl)
	    : X509_V_OK;
}

static bool
lacks_records(SSL const *ssl, struct tls_policy const *policy)
{
	return policy->kind == TLS_POLICY_TLSA &&
	    (!ssl || SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE);
}

enum tls_result
tls_client_result(struct ssl_st const *ssl, struct tls_policy const *policy)
{
	if (lacks_records(ssl, policy))
		return TLS_RESULT_TLSA_INVALID;
	switch (verify_result(ssl, policy)) {
	case X509_V_OK:
		return ssl && SSL_is_init_finished(ssl)
		    ? TLS_RESULT_SUCCESS
		    : TLS_RESULT_VALIDATION_FAILURE;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
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
	if (!ssl && policy->kind == TLS_POLICY_TLSA)
		return "none of its TLSA records is of use";
	switch (result) {
	case X509_V_OK:
		return tls_reason();
	case X509_V_ERR_DANE_NO_MATCH:
		return "its certificate is in none of its TLSA records";
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return "its certificate is for another name (hostname mismatch)";
	default:
		return asks_authorities(policy) && !any_authority
		    ? "smtp_tls_CAfile has no authority that can be read"
		    : X509_verify_cert_error_string(result);
	}
}
