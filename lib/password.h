/* SPDX-License-Identifier: ISC */
/* Stored passwords: "{SCHEME}HASH" as Dovecot writes them, or a bare crypt(3)
 * hash. The schemes are one table in password.c. */
#ifndef BESACE_PASSWORD_H
#define BESACE_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

enum {
	PASSWORD_MAX = 1024,       /* octets a client may send */
	PASSWORD_STORE_MAX = 511,  /* octets crypt(3) takes */
	PASSWORD_STORED_MAX = 1024 /* octets of a stored hash */
};

/* Whether STORED is a hash that can be verified: 1; 0 with *WHY a constant
 * sentence part. Pure. */
int password_usable(char const *stored, size_t len, char const **why);

/* Whether PASSWORD is the one STORED was made of: 1 yes; 0 no, or STORED is not
 * usable. What stands between is compared in constant time, and the work does
 * not depend on the password. */
int password_verify(char const *stored, size_t stored_len, char const *password,
    size_t len);

/* *STORED becomes a new hash of PASSWORD with the default scheme and a random
 * salt. 1; 0 with errno (EINVAL: empty, too long, or a NUL is in it). */
int password_hash(char const *password, size_t len, stralloc *stored);

/* Appends a random password of this many characters, easy to read and to
 * paste (no quotes, no look-alikes). 1, or 0 with errno. */
int password_random(size_t count, stralloc *sa);

#endif
