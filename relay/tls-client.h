/* SPDX-License-Identifier: ISC */
/* TLS as the client of other servers. */
#ifndef BESACE_RELAY_TLS_CLIENT_H
#define BESACE_RELAY_TLS_CLIENT_H

#include "tls-policy.h"

struct ssl_st;

/* Before the process gives up files: the authorities are those of the file
 * CAFILE; when it cannot be read no certificate is good. */
void tls_client_prepare(char const *cafile);

/* A connection to be, by the policy. NULL when the library fails. */
struct ssl_st *tls_client_new(struct tls_policy const *policy);

/* What the certificate was found to be, or why the handshake of SSL (or NULL)
 * failed. */
enum tls_result tls_client_result(struct ssl_st const *ssl,
    struct tls_policy const *policy);

/* The same in words, when it failed. */
char const *tls_client_reason(struct ssl_st const *ssl,
    struct tls_policy const *policy);

#endif
