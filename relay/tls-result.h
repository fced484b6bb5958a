/* SPDX-License-Identifier: ISC */
/* How TLS with a server went, in the classes of RFC 8460 section 4.3. */
#ifndef BESACE_RELAY_TLS_RESULT_H
#define BESACE_RELAY_TLS_RESULT_H

enum tls_result {
	TLS_RESULT_NONE, /* no TLS was tried, or nothing came of it that TLS has
	                  * to do with */
	TLS_RESULT_SUCCESS,
	TLS_RESULT_STARTTLS_NOT_SUPPORTED,
	TLS_RESULT_CERTIFICATE_HOST_MISMATCH,
	TLS_RESULT_CERTIFICATE_EXPIRED,
	TLS_RESULT_CERTIFICATE_NOT_TRUSTED,
	TLS_RESULT_VALIDATION_FAILURE, /* anything else in the handshake */
	TLS_RESULT_TLSA_INVALID,
	TLS_RESULT_DNSSEC_INVALID,
	TLS_RESULT_DANE_REQUIRED,
	TLS_RESULT_STS_POLICY_FETCH_ERROR,
	TLS_RESULT_STS_POLICY_INVALID,
	TLS_RESULT_STS_WEBPKI_INVALID,
	TLS_RESULTS /* how many */
};

/* "starttls-not-supported"; "success"; "none". */
char const *tls_result_name(enum tls_result result);

#endif
