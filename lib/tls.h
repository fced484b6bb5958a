/* SPDX-License-Identifier: ISC */
/* A TLS server context whose certificates come from somewhere else: the
 * process that shakes hands has no files. */
#ifndef BESACE_TLS_H
#define BESACE_TLS_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

struct ssl_st;
struct ssl_ctx_st;

enum { TLS_TICKET_KEYS = 2, TLS_TICKET_KEY_SIZE = 80 };

/* name (16 octets), cipher key (32), authentication key (32); the first one
 * seals, all open. */
struct tls_ticket_keys {
	unsigned char key[TLS_TICKET_KEYS][TLS_TICKET_KEY_SIZE];
	unsigned int count; /* 0: no tickets */
};

struct tls_source {
	/* *PEM becomes chain and key for the server name ("" for the
	 * default); empty when the default serves it too. 1, or 0. */
	int (*certificate)(void *arg, char const *name, stralloc *pem);
	/* 1, or 0 for no tickets. */
	int (*ticket_keys)(void *arg, struct tls_ticket_keys *keys);
	/* What came for a server name is of no use: tls_reason. */
	void (*unusable)(void *arg);
	void *arg;
};

/* A context with the default certificate in it: TLS 1.2 or later ("TLSv1.2" or
 * "TLSv1.3"), no compression, no renegotiation. SOURCE lives as long as it.
 * NULL when there is no certificate or it does not fit its key. */
struct ssl_ctx_st *tls_server(struct tls_source const *source,
    char const *min_protocol);

/* The TLS library's reason for the last failure, for a log line; or a number
 * that "openssl errstr" explains. */
char const *tls_reason(void);

/* "TLSv1.3" and "TLS_AES_256_GCM_SHA384". */
char const *tls_protocol(struct ssl_st const *ssl);
char const *tls_cipher(struct ssl_st const *ssl);

/* Channel binding by tls-exporter (RFC 9266). It is the default of TLS 1.3
 * only: clients on TLS 1.2 would bind by another type. */
enum { TLS_BINDING_SIZE = 32 };

bool tls_can_bind(struct ssl_st const *ssl);

/* 1, or 0 when the library fails. */
int tls_bind(struct ssl_st *ssl, unsigned char out[TLS_BINDING_SIZE]);

#endif
