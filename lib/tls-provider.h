/* SPDX-License-Identifier: ISC */
/* The part of OpenSSL that a TLS server needs. OpenSSL sets up every algorithm
 * of a kind when the first of that kind is asked for; a process that serves one
 * connection would spend more on that than on the connection. */
#ifndef BESACE_TLS_PROVIDER_H
#define BESACE_TLS_PROVIDER_H

/* Starts OpenSSL in this process, before anything else of it is used: no
 * configuration file, only these algorithms. 1, or 0. */
int tls_provider_start(void);

#endif
