/* SPDX-License-Identifier: ISC */
/* The file besace.cache, in the machine's byte order (the mark tells another):
 *
 *	struct cache_head
 *	batches, each one write of one session:
 *		struct cache_batch
 *		struct cache_place for each record
 *		records, each a struct cache_record and its fact
 *
 * A later record of the same message and kind takes the place of an earlier one.
 * What does not look like a batch ends the file: a write that was cut. */
#ifndef IMAP_CACHE_FILE_H
#define IMAP_CACHE_FILE_H

#include "cache.h"

#define CACHE_MAGIC "besace.cache 1\n"

struct cache_head {
	char magic[16];
	uint32_t mark;
	uint32_t validity; /* UIDVALIDITY */
	uint64_t check;    /* of all that stands before */
};

struct cache_batch {
	uint32_t mark;
	uint32_t count;  /* of records */
	uint64_t length; /* of the batch */
	uint64_t check;  /* of all before, of UIDVALIDITY and of the places */
};

struct cache_place {
	uint32_t uid;
	uint32_t fact; /* as in struct cache_entry */
	uint32_t at;   /* of the record, behind the places */
};

struct cache_record {
	uint64_t name;  /* the message's base_sum */
	uint64_t check; /* of name, UIDVALIDITY, UID, kind and fact */
};

enum {
	CACHE_MARK = 0x0caC4e01,
	CACHE_BATCH_MAX = 4 * CACHE_BATCH,
	CACHE_PLACES_MAX = CACHE_BATCH_MAX / sizeof(struct cache_place)
};

static inline unsigned
cache_kind(uint32_t fact)
{
	return fact >> 24;
}

static inline uint32_t
cache_length(uint32_t fact)
{
	return fact & 0xffffff;
}

struct cache_head cache_head_of(uint32_t validity);
uint64_t cache_batch_check(struct cache_batch const *batch, uint32_t validity,
    void const *places);
uint64_t cache_record_check(struct cache const *c, uint64_t name, uint32_t uid,
    uint32_t fact, char const *s);

/* Opens the file if there is one and reads what others have added. */
void cache_look(struct cache *c, struct mailbox const *b);
/* The open file is still the one that others see. */
bool cache_is_current(struct cache const *c, struct mailbox const *b);
void cache_forget(struct cache *c);

/* *R becomes a record; the fact, NULL when it is damaged. */
char const *cache_read(struct cache *c, struct cache_entry const *e,
    struct cache_record *r);

#endif
