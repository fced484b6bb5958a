/* SPDX-License-Identifier: ISC */
/* The two streams of COMPRESS=DEFLATE (RFC 4978): raw deflate, in pieces, no
 * I/O. What comes in is inflated as far as there is room for it, so that no
 * input, however well it inflates, takes more memory than another. */
#ifndef IMAP_COMPRESS_H
#define IMAP_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>

struct compress;

enum { COMPRESS_INPUT = 32 << 10 /* room for compressed octets */ };

/* NULL: out of memory. */
struct compress *compress_new(void);
void compress_free(struct compress *c);

/* Passes on what S becomes, to WRITE, perhaps later; with FLUSH now and whole.
 * False: out of memory or WRITE failed. */
typedef bool compress_write(void *arg, char const *s, size_t len);
bool compress_out(struct compress *c, char const *s, size_t len, bool flush,
    compress_write *write, void *arg);

/* Gives back what the outgoing stream has remembered, 260 kB, which the next
 * compress_out takes anew. Behind a flush only. */
void compress_forget(struct compress *c);

/* Where compressed octets go, when there is nothing of the last ones left, and
 * how many have come. */
char *compress_room(struct compress *c);
void compress_came(struct compress *c, size_t len);

/* The client ends its stream behind what was inflated so far: by its last block,
 * or where it was flushed to an octet. 1, and *S is what comes behind that; 0: it
 * wants more octets; -1: there is more in the stream, or it is none. */
int compress_end(struct compress *c, char const **s, size_t *len);

/* Inflates into OUT, not beyond the end of a block that had anything in it. *MADE 0: wants more octets. False: no deflate stream, or
 * its end. */
bool compress_in(struct compress *c, char *out, size_t len, size_t *made);

#endif
