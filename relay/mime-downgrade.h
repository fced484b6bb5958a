/* SPDX-License-Identifier: ISC */
/* A message as MIME of seven bits, for a server without 8BITMIME: RFC 6152
 * section 3. Each part that is not of lines in ASCII is encoded by itself; what
 * it decodes to stays the same, octet by octet. Pure. */
#ifndef BESACE_RELAY_MIME_DOWNGRADE_H
#define BESACE_RELAY_MIME_DOWNGRADE_H

#include "quoted-printable.h"
#include "span.h"

enum {
	MIME_DEPTH_MAX = 30,      /* parts within parts */
	MIME_TEXT_LINE_MAX = 998, /* octets, RFC 5322 section 2.1.1 */
	MIME_BASE64_LINE = 76
};

enum mime_downgrade {
	MIME_DOWNGRADED,
	MIME_HEADER,    /* octets beyond ASCII in a header: no way to encode */
	MIME_PROTECTED, /* they are in a signed or encrypted part */
	MIME_STRUCTURE, /* they are where readers may differ about the parts */
	MIME_STOPPED    /* the sink did */
};

/* Gives the message M to SINK, but for its header field WITHOUT, which lies in
 * it; with a length of 0 none is left out. What came before another result than
 * MIME_DOWNGRADED is of no use. */
enum mime_downgrade mime_downgrade(struct span m, struct span without,
    octet_sink *sink, void *arg);

#endif
