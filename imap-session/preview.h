/* SPDX-License-Identifier: ISC */
/* The first words of a message (RFC 8970). Pure. */
#ifndef IMAP_PREVIEW_H
#define IMAP_PREVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

enum {
	PREVIEW_MAX = 200, /* characters */
	/* octets of a part that are looked at */
	PREVIEW_LOOKS_TEXT = 16 << 10,
	PREVIEW_LOOKS_HTML = 64 << 10
};

/* Appends the preview of a text in UTF-8: white space is one space, what is
 * quoted from another message and a signature are left out. 1, or 0 out of
 * memory. */
int preview_of_text(char const *s, size_t len, stralloc *out);

/* The same of HTML. */
int preview_of_html(char const *s, size_t len, stralloc *out);

#endif
