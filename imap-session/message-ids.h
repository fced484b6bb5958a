/* SPDX-License-Identifier: ISC */
/* Message-IDs of header fields (RFC 5322 section 3.6.4), and a table of them. */
#ifndef IMAP_MESSAGE_IDS_H
#define IMAP_MESSAGE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

enum { MESSAGE_ID_MAX = 500 /* octets; a longer one is none */ };

struct message_id {
	size_t len;
	char s[MESSAGE_ID_MAX]; /* what stands between the angle brackets,
				 * without quotes and white space */
};

/* The next one at or behind *POS, which moves on. False at the end. */
bool message_id_next(char const *s, size_t len, size_t *pos,
    struct message_id *id);

/* Numbers for message-IDs. */
struct message_ids {
	stralloc pool;
	stralloc entries; /* of struct message_ids_entry */
	uint32_t *slots;
	size_t size; /* of slots: a power of two; 0 at first */
	uint64_t seed;
	uint32_t count;
};

/* The number of an ID: 0, 1, ... in the order in which they came. -1 out of
 * memory; -2 a new one, and MOST are there. */
int64_t message_ids_number(struct message_ids *t, struct message_id const *id,
    uint32_t most);
void message_ids_free(struct message_ids *t);

#endif
