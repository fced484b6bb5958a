/* SPDX-License-Identifier: ISC */
/* The fields of a message header that clients ask for when they list messages,
 * as one record of the cache. Pure. */
#ifndef IMAP_CACHED_FIELDS_H
#define IMAP_CACHED_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

/* One bit for each field name that is kept; 0: it is not. */
uint64_t cached_field(char const *name, size_t len);

/* *OUT becomes the record of a header. 1, or 0 out of memory. */
int cached_fields_pack(char const *header, size_t len, stralloc *out);

/* A record that is read. */
struct cached_fields {
	char const *record;
	size_t count;     /* of fields */
	char const *text; /* all of them, as a header as it is sent */
	size_t len;
};

/* False: it is none. */
bool cached_fields_open(struct cached_fields *f, char const *record,
    size_t len);

/* Appends the fields of WANTED, in the message's order. 1, or 0 out of memory. */
int cached_fields_put(struct cached_fields const *f, uint64_t wanted,
    stralloc *out);

#endif
