/* SPDX-License-Identifier: ISC */
/* A part of a message with its content transfer encoding undone, as BINARY
 * (RFC 3516) shows it: read piece by piece, never held whole. */
#ifndef IMAP_DECODE_H
#define IMAP_DECODE_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "transfer-encoding.h"

/* Where a decoder stands. */
struct decode_place {
	uint64_t raw;  /* in the file */
	bool cr;       /* the octet before was CR */
	uint64_t done; /* octets that came out so far */
	struct transfer_decoder decoder;
};

/* Where in the file a part lies, and what of it is wanted. */
struct decode_part {
	uint64_t start, end; /* in the file */
	enum transfer kind;
	uint64_t offset, most; /* of what comes out */
};

/* What of it there is. */
struct decode_window {
	struct decode_place from; /* not behind its first octet */
	uint64_t end;             /* of the part, in the file */
	uint64_t offset, count;   /* of what comes out */
	bool nul;                 /* there is one */
};

/* Appends S with each bare LF as the line end it is, CR LF. *CR: the octet before
 * was CR. 1; 0 no memory. Pure. */
int decode_crlf(bool *cr, char const *s, size_t len, stralloc *out);

/* Counts. RESUME is where to start, when that is not too late; afterwards a place
 * close to the window's end. 1; 0 with errno. */
int decode_measure(int fd, struct decode_part const *p,
    struct decode_place *resume, struct decode_window *w);

/* The window's next octets, after those before: *OUT is replaced. *AT is the
 * window's FROM at first. 1; 0 with errno (EIO: the file has become shorter). */
int decode_next(int fd, struct decode_window const *w, struct decode_place *at,
    stralloc *out);

#endif
