/* SPDX-License-Identifier: ISC */
/* A connection's octets as they go over the wire: what conn.c has for itself and
 * conn-relay.c. */
#ifndef BESACE_CONN_WIRE_H
#define BESACE_CONN_WIRE_H

#include <sys/types.h>

#include "conn.h"

/* Takes octets that were given back. How many. */
size_t conn_take_again(struct conn *c, char *s, size_t room);

/* As write, a piece that does not block where poll allows one. */
ssize_t conn_write_piece(struct conn *c, char const *s, size_t len);

/* All of it, within the time limits. 1, or 0 with errno. */
int conn_write_raw(struct conn *c, char const *s, size_t len);

#endif
