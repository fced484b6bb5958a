/* SPDX-License-Identifier: ISC */
/* A secret of this server: what is made up from it is the same each time and
 * cannot be told from what is not made up. */
#ifndef BESACE_AUTH_SECRET_H
#define BESACE_AUTH_SECRET_H

enum { AUTH_SECRET = 32 };

/* Reads BESACE_VAR/auth-secret, made when it is missing. 1; 0 when it cannot be
 * had (logged). */
int auth_secret(unsigned char secret[AUTH_SECRET]);

#endif
