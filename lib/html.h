/* SPDX-License-Identifier: ISC */
/* HTML as a reader sees it: the text, and the addresses it links to. */
#ifndef BESACE_HTML_H
#define BESACE_HTML_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Appends the text of S to TEXT, and each address that a tag points to, with a
 * LF behind it, to LINKS. Never fails on what is no HTML. 1, or 0 with errno.
 * Pure. */
int html_render(char const *s, size_t len, stralloc *text, stralloc *links);

#endif
