/* SPDX-License-Identifier: ISC */
/* The fields that say what a part of a message is: RFC 2045 sections 5 and 6.
 * Pure. */
#ifndef BESACE_RELAY_MIME_FIELD_H
#define BESACE_RELAY_MIME_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

enum mime_encoding {
	MIME_7BIT,
	MIME_8BIT,    /* 8bit or binary */
	MIME_ENCODED, /* quoted-printable or base64 */
	MIME_UNKNOWN
};

/* The value of a Content-Transfer-Encoding field. */
enum mime_encoding mime_encoding_read(struct span value);

enum { MIME_BOUNDARY_MAX = 200 }; /* RFC 2046 allows 70 */

struct mime_type {
	struct span type, subtype; /* in the value; empty: not to be read */
	bool faulty; /* behind these; readers may differ about the boundary */
	size_t boundary_len; /* 0: none, or not to be read */
	char boundary[MIME_BOUNDARY_MAX];
};

/* The value of a Content-Type field. */
void mime_type_read(struct span value, struct mime_type *t);

#endif
