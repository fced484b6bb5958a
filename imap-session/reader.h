/* SPDX-License-Identifier: ISC */
/* The message at hand of a verb that goes through many: its file, what the cache
 * knows of it, and its octets as they are sent. Whatever is asked for is read when
 * it is first asked for. */
#ifndef IMAP_READER_H
#define IMAP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>
#include "bytes.h"
#include "cached-fields.h"
#include "content.h"
#include "session.h"

struct reader {
	struct session *s;
	struct message *m;      /* may move at each call */
	int fd;                 /* -1: not open */
	struct content content; /* of its file, when it is open */
	bool have_header;
	stralloc header; /* the message's own */
	stralloc scratch;
};

/* Starts on M; *R is zero or was left by reader_end. */
void reader_start(struct reader *r, struct session *s, struct message *m);
/* Closes the file; memory is kept for the next message, till reader_free, which
 * also writes down what was found. */
void reader_end(struct reader *r);
void reader_free(struct reader *r);

/* All that follow: 1, or 0 with errno (ENOENT: the message is gone). */

/* r->fd is its file. */
int reader_open(struct reader *r);

/* s->mime is its parts; without WHOLE perhaps its header alone. */
int reader_parse(struct reader *r, bool whole);

/* *OUT becomes the header of part P of s->mime. */
int reader_part_header(struct reader *r, struct mime_part const *p,
    stralloc *out);

/* *S becomes octets of its header, with at least all fields called NAME in the
 * message's order; NULL: all fields. They last till the next call. */
int reader_fields(struct reader *r, char const *name, char const **s,
    size_t *len);

/* The same from the cache alone. */
bool reader_cached_fields(struct reader *r, char const *name,
    struct bytes *fields);

/* Appends what FACT is of this message if the cache has it. 1, or 0. */
int reader_known(struct reader *r, enum cache_fact fact, stralloc *out);

/* Appends what FACT is of this message, from the cache or by MAKE. */
int reader_fact(struct reader *r, enum cache_fact fact,
    int (*make)(struct reader *r, stralloc *out), stralloc *out);

/* RFC822.SIZE; INTERNALDATE and SAVEDATE in seconds */
int reader_size(struct reader *r, uint64_t *size);
int reader_date(struct reader *r, int64_t *t);
int reader_saved(struct reader *r, int64_t *t);

/* The fields of M's header that the cache keeps, without its file. 0: they have
 * to be read from it, and should be kept then. A verb that uses them ends with
 * cache_write. */
int session_cached_fields(struct session *s, struct message const *m,
    struct cached_fields *f);
void session_keep_fields(struct session *s, struct message const *m,
    char const *header, size_t len);

#endif
