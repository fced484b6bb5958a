/* SPDX-License-Identifier: ISC */
/* The setting default_transport: what becomes of mail for other servers. Pure. */
#ifndef BESACE_TRANSPORT_H
#define BESACE_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

/* "smtp", or "error:5.X.Y TEXT". */
bool transport_valid(char const *s, size_t len);

/* NULL when it goes to the queue; else it is refused for good with this: an
 * enhanced status code, a blank, a text; a part of TRANSPORT. */
char const *transport_refusal(char const *transport);

#endif
