/* SPDX-License-Identifier: ISC */
/* dovecot-uidvalidity: the last UIDVALIDITY given out in an account. 8 hex
 * digits; beside it an empty read-only file "dovecot-uidvalidity.<same>", whose
 * rename decides who takes a value. */
#ifndef BESACE_UIDVALIDITY_H
#define BESACE_UIDVALIDITY_H

#include <stdint.h>

/* A value no mailbox of the account ROOT had, greater than FLOOR. 0 with
 * errno. */
uint32_t uidvalidity_next(int root, uint32_t floor);

#endif
