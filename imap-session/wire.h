/* SPDX-License-Identifier: ISC */
/* The client's bytes: a buffered pair of descriptors with time limits, and the
 * ways IMAP writes a value (RFC 3501 section 4). A failed write or a full stop
 * of the peer is remembered; the session ends at the next look. */
#ifndef IMAP_WIRE_H
#define IMAP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "compress.h"

enum { WIRE_BUFFER = 32 << 10, WIRE_WRITE_TIMEOUT = 300 /* seconds */ };

struct wire {
	int in, out;
	bool failed; /* nothing can be written any more */
	size_t in_pos, in_len, out_len;
	char in_buf[WIRE_BUFFER];
	char out_buf[WIRE_BUFFER];
	stralloc scratch;
	struct compress *compress; /* NULL: plain */
	bool utf8;                 /* may stand in quotes (RFC 6855) */
};

void wire_open(struct wire *w, int in, int out);

/* Bytes that were read before the wire came to us. 1; 0 too many. */
int wire_preload(struct wire *w, char const *s, size_t len);

/* From here on both directions are deflated: the output behind what was put so
 * far, the input behind what was used so far. C belongs to the wire. */
void wire_compress(struct wire *w, struct compress *c);

/* Flushes, and is done with the connection: compression ends. *S is what came
 * behind what was used. False: the client is gone, or has not ended its
 * compression, which it was told. */
bool wire_leave(struct wire *w, char const **s, size_t *len);

/* Waits until there is input (buffered or new), or OTHER (-1: none) is readable,
 * at most MILLISECONDS. 1 input; 2 only OTHER; 0 time is over; -1 end or
 * failure. Flushes first. */
int wire_wait(struct wire *w, int other, int milliseconds);

/* Flushes, and gives back the memory of what is empty then. */
void wire_rest(struct wire *w);

/* The input at hand. */
char const *wire_input(struct wire const *w, size_t *len);
void wire_used(struct wire *w, size_t len);

/* All that was put is on its way. */
void wire_flush(struct wire *w);
void wire_put(struct wire *w, char const *s, size_t len);
void wire_puts(struct wire *w, char const *s);
void wire_number(struct wire *w, uint64_t n);
/* "* " and so on stand in S; CR LF is added. */
void wire_line(struct wire *w, char const *s);

void wire_string(struct wire *w, char const *s, size_t len);
/* The same, as an atom where that is enough. */
void wire_astring(struct wire *w, char const *s, size_t len);

#endif
