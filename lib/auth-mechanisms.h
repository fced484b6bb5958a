/* SPDX-License-Identifier: ISC */
/* Notes in passwords.cdb, written by "besace maps": what all passwords can do,
 * so that no client chooses a mechanism that its user's password cannot. */
#ifndef BESACE_AUTH_MECHANISMS_H
#define BESACE_AUTH_MECHANISMS_H

/* Names of the mechanisms that never send the password and that each password
 * of each login can do: "CRAM-MD5 SCRAM-SHA-256". */
#define AUTH_NOTE_MECHANISMS "mechanisms"

/* What SCRAM shows of a login, "ROUNDS/SALTLENGTH", for a sample of them: a
 * login that is not there is given one of these. */
#define AUTH_NOTE_SCRAM "scram"

#endif
