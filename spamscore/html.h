/* SPDX-License-Identifier: ISC */
/* HTML as a reader sees it: the text, and the addresses it links to. */
#ifndef SPAMSCORE_HTML_H
#define SPAMSCORE_HTML_H

#include <skalibs/stralloc.h>
#include "span.h"

/* Appends the text of IN to TEXT, and each address that a tag points to, with
 * a LF behind it, to LINKS. Never fails on what is no HTML. 1, or 0 with errno.
 * Pure. */
int html_render(struct span in, stralloc *text, stralloc *links);

/* Appends IN with its character references resolved. */
int html_entities(struct span in, stralloc *out);

#endif
