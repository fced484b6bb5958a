/* SPDX-License-Identifier: ISC */
/* Stored passwords: "{SCHEME}HASH" as Dovecot writes them, or a bare crypt(3)
 * hash. The schemes are one table in password.c. */
#ifndef BESACE_PASSWORD_H
#define BESACE_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>
#include "bytes.h"
#include "cram-md5.h"
#include "scram.h"

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

/* *STORED becomes a new hash of PASSWORD, "{SCHEME}HASH", with a random salt, or
 * with the salt and cost of LIKE where that is one of the same scheme and these
 * are shared (SCRAM). 1; 0 with errno (EINVAL: a scheme we do not make; a
 * password that is empty, too long, or has a NUL in it). */
int password_hash(char const *scheme, char const *password, size_t len,
    char const *like, size_t like_len, stralloc *stored);

/* Whether password_hash can make this scheme. Pure. */
int password_scheme_makes(char const *name);

/* What mechanisms that never send the password need of a stored one: 1; 0 when
 * it is of another scheme, or damaged. Pure. */
int password_plain(char const *stored, size_t len, struct bytes *plain);
int password_cram_md5(char const *stored, size_t len,
    struct cram_md5_secret *secret);
int password_scram(char const *stored, size_t len, struct scram_secret *secret);

/* Appends a random password of this many characters, easy to read and to
 * paste (no quotes, no look-alikes). 1, or 0 with errno. */
int password_random(size_t count, stralloc *sa);

#endif
