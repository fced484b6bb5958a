/* SPDX-License-Identifier: ISC */
/* A message that came by a literal8 (RFC 3516). What is stored has line ends, so
 * parts of the transfer encoding "binary" become base64, which BINARY undoes;
 * everything else, NUL octets too, stays. */
#ifndef IMAP_UNBINARY_H
#define IMAP_UNBINARY_H

#include <stdbool.h>
#include "incoming.h"

/* *OUT, just started, becomes what *IN, which is raw and whole, is stored as.
 * False with errno. */
bool unbinary(struct incoming const *in, struct incoming *out);

#endif
