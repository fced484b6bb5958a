/* SPDX-License-Identifier: ISC */
/* The part of OpenSSL that we need: to serve TLS, to sign, and to check logins.
 * OpenSSL sets up every algorithm of a kind when the first of that kind is asked
 * for; a process that serves one connection would spend more on that than on
 * the connection. */
#ifndef BESACE_CRYPTO_H
#define BESACE_CRYPTO_H

/* Starts OpenSSL in this process, before anything else of it is used: no
 * configuration file, no texts of errors, only these algorithms. 1, or 0. */
int crypto_start(void);

/* Private keys of every kind can be decoded from now on; without it only public
 * ones, in certificates. Of use also where crypto_start was not called. 1, or
 * 0. */
int crypto_decode_keys(void);

#endif
