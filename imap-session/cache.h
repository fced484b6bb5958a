/* SPDX-License-Identifier: ISC */
/* What has been found in the bytes of a mailbox's messages, kept in the file
 * besace.cache of its directory. A message's file never changes, so what was
 * once found stays true; the file may be removed at any time. Sessions read it
 * without a lock and add to it under one, if they get it at once: what is not
 * written is found again. A record that is damaged, or of another message, is
 * not there. */
#ifndef IMAP_CACHE_H
#define IMAP_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "mailbox.h"

#define CACHE_FILE "besace.cache"

enum {
	CACHE_FACT_MAX = 32 << 10, /* octets of one; a larger one is not kept */
	CACHE_BATCH = 1 << 20,     /* what is gathered before it is written */
	CACHE_FACTS_MAX = 4 << 20, /* in all */
	CACHE_WINDOWS = 4 /* kinds are mostly each in a place of its own */
};

#define CACHE_FILE_MAX (UINT64_C(1) << 30)

enum cache_fact {
	FACT_FIELDS, /* cached-fields.h */
	FACT_ENVELOPE,
	FACT_BODY,
	FACT_BODYSTRUCTURE,
	FACT_SIZE, /* RFC822.SIZE, a uint64_t */
	FACT_PREVIEW,
	FACT_ORDER, /* sort-facts.h */
	FACT_IDS,   /* the same */
	FACTS
};

/* Where a fact stands in the file. */
struct cache_entry {
	uint32_t uid;
	uint32_t fact; /* its kind in the highest octet, then its length */
	uint64_t at;
};

/* Those of one kind, by UID. */
struct cache_list {
	struct cache_entry *entries;
	size_t count, room;
	size_t last; /* the one that was asked for last */
};

/* What was read last of one place in the file. */
struct cache_window {
	char *s;
	size_t len;
	uint64_t at;
	uint64_t used; /* when: a count */
};

/* What becomes a batch. */
struct cache_gathered {
	stralloc places, records;
};

struct cache {
	int fd;       /* -1: not open */
	bool looked;  /* since cache_write */
	bool foreign; /* the file is not of this mailbox, or damaged */
	bool failed;  /* could not be written: not tried again */
	uint32_t validity;
	uint64_t end; /* of what was understood */
	struct cache_list lists[FACTS];
	size_t count; /* in all of them */
	size_t batches;
	struct cache_window windows[CACHE_WINDOWS];
	uint64_t uses;
	struct cache_gathered put; /* not written yet */
};

#define CACHE_ZERO \
	{ \
		.fd = -1 \
	}

/* *S becomes what is known of message M, till the next call. 1, or 0. */
int cache_get(struct cache *c, struct mailbox const *b, struct message const *m,
    enum cache_fact kind, char const **s, size_t *len);

/* Keeps it, unless the mailbox is read-only. Best effort. */
void cache_put(struct cache *c, struct mailbox const *b,
    struct message const *m, enum cache_fact kind, char const *s, size_t len);

/* At the end of a command: writes what was put. */
void cache_write(struct cache *c, struct mailbox const *b);

/* Gives its memory back; the file is read again when it is needed. */
void cache_close(struct cache *c);

#endif
