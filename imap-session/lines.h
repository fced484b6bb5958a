/* SPDX-License-Identifier: ISC */
/* Lines of a message as they are sent: every bare LF is CR LF, a NUL is 0x80.
 * Pure. */
#ifndef IMAP_LINES_H
#define IMAP_LINES_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Appends whole lines. A last one without its end gets one. 1, or 0 out of
 * memory. */
int lines_append(stralloc *out, char const *s, size_t len);

#endif
