/* SPDX-License-Identifier: ISC */
/* What a header says of its body's content transfer encoding (RFC 2045 section
 * 6). Pure. */
#ifndef IMAP_ENCODING_H
#define IMAP_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include "transfer-encoding.h"

struct encoding {
	bool known;         /* that it is one of RFC 2045, or not said */
	bool binary;        /* it is "binary" */
	enum transfer kind; /* how to undo it */
	size_t at, len;     /* the field in the header; LEN 0: there is none */
};

void encoding_find(char const *header, size_t len, struct encoding *e);

#endif
