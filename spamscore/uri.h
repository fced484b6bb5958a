/* SPDX-License-Identifier: ISC */
/* Addresses of pages and mailboxes in a text. */
#ifndef SPAMSCORE_URI_H
#define SPAMSCORE_URI_H

#include <skalibs/stralloc.h>
#include "span.h"

/* Appends what a mail program would make a link of, one a line: addresses with
 * a scheme, "www." and "ftp." names (with the scheme they would get), mail
 * addresses as "mailto:". 1, or 0 with errno. Pure. */
int uri_find(struct span text, stralloc *out);

/* Appends URI, and when it is another one, URI with its %XX resolved; each on
 * a line of its own. 1, or 0 with errno. Pure. */
int uri_forms(struct span uri, stralloc *out);

#endif
