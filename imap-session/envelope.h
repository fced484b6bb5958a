/* SPDX-License-Identifier: ISC */
/* ENVELOPE of a message header (RFC 3501 section 7.4.2). Pure. */
#ifndef IMAP_ENVELOPE_H
#define IMAP_ENVELOPE_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Appends "(date subject from ... message-id)". 1, or 0 out of memory. */
int envelope_put(stralloc *out, char const *header, size_t len);

#endif
