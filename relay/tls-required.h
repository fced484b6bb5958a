/* SPDX-License-Identifier: ISC */
/* The field TLS-Required of a message, RFC 8689 section 5. */
#ifndef BESACE_RELAY_TLS_REQUIRED_H
#define BESACE_RELAY_TLS_REQUIRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "TLS-Required: No" in the header of M: its sender had rather it be sent
 * without TLS than not at all. Pure. */
bool tls_required_no(char const *m, size_t len);

/* The same for the message in FD from START on. A header is looked at as far as
 * 64 KB; what cannot be read says nothing. */
bool tls_required_no_in(int fd, uint64_t start);

#endif
