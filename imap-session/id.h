/* SPDX-License-Identifier: ISC */
/* ID (RFC 2971). Pure. */
#ifndef IMAP_ID_H
#define IMAP_ID_H

#include <stdbool.h>
#include "parse.h"

#define ID_ANSWER "* ID (\"name\" \"besace\")"

/* The arguments, to the end of the command; *NAME becomes the client's name,
 * NUL-terminated, empty when it does not say. */
bool cursor_id(struct cursor *c, stralloc *name);

#endif
