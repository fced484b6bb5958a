/* SPDX-License-Identifier: ISC */
/* TLS as the client of other servers. */
#ifndef BESACE_RELAY_TLS_CLIENT_H
#define BESACE_RELAY_TLS_CLIENT_H

struct ssl_st;
struct ssl_ctx_st;

/* A context with the authorities of the file CAFILE; when it cannot be read no
 * certificate is good. NULL when the library fails. */
struct ssl_ctx_st *tls_client_context(char const *cafile);

/* A connection to be, with the server HOST ("": it has no name). VERIFY: the
 * name that the certificate must have; NULL: any will do, that being better
 * than none. NULL when the library fails. */
struct ssl_st *tls_client_new(struct ssl_ctx_st *ctx, char const *host,
    char const *verify);

/* Why the handshake of SSL (or NULL) failed. */
char const *tls_client_reason(struct ssl_st const *ssl);

#endif
