/* SPDX-License-Identifier: ISC */
/* Text as quoted-printable, RFC 2045 section 6.7. Pure. */
#ifndef BESACE_QUOTED_PRINTABLE_H
#define BESACE_QUOTED_PRINTABLE_H

#include <stddef.h>

enum { QUOTED_PRINTABLE_LINE = 76 }; /* octets without the line end */

/* Takes octets; 1, or 0 to stop. */
typedef int octet_sink(void *arg, char const *s, size_t len);

/* Gives S to SINK, encoded. Line ends, LF or CRLF, are LF; a CR that is none is
 * encoded. A line that a soft break begins does not begin with "-": it would be
 * taken for the boundary of a multipart. 1, or 0: it stopped. */
int quoted_printable(char const *s, size_t len, octet_sink *sink, void *arg);

#endif
