/* SPDX-License-Identifier: ISC */
/* What sendmail reads in a header, and what it adds to it. */
#ifndef SENDMAIL_COMPOSE_H
#define SENDMAIL_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

/* Appends the recipients of To, Cc and Bcc, or of their Resent- forms where
 * there is one, to *OUT as address_list does. 1; 0 a field is malformed: *FIELD
 * is its name, of *LEN octets; -1 with errno. Pure. */
int compose_recipients(char const *m, size_t len, stralloc *out,
    char const **field, size_t *field_len);

/* Whether the header says whom the message is from. Pure. */
bool compose_has_from(char const *m, size_t len);

/* Appends "From: NAME <ADDRESS>" and LF, the name (may be empty) quoted or
 * encoded as RFC 5322 and 2047 want it; it cannot end the field. 1, or 0 with
 * errno. Pure. */
int compose_from(char const *name, char const *address, stralloc *out);

#endif
