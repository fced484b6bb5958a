/* SPDX-License-Identifier: ISC */
/* Messages that lie synced in the tmp/ of a mailbox, to be shown there all at
 * once or not at all. */
#ifndef IMAP_STAGED_H
#define IMAP_STAGED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <skalibs/stralloc.h>
#include "incoming.h"
#include "mailbox.h"
#include "quota.h"
#include "sequence.h"
#include "training.h"

enum { STAGED_MAX = 1 << 16 };

struct flag_list;

struct staged_message {
	uint64_t size; /* as stored */
	size_t name;   /* in the pool: its base name; once it is shown, its
	                * path */
	size_t tmp;    /* octets of the base name that are its name in tmp/ */
	size_t keywords, keywords_len; /* in the pool */
	uint32_t system;
	bool shown;
};

struct staged {
	struct staged_message *messages;
	size_t count, room;
	stralloc pool;
	struct quota_usage usage; /* of them all */
};

/* Writes a message, which is whole, into the tmp/ of DIR, with its date (NULL:
 * none) and flags. 1; 0 with errno (E2BIG: too many). */
int staged_add(struct staged *g, int dir, struct incoming *in,
    struct flag_list const *flags, time_t const *date);

/* Shows them in B, which is locked, with UIDs, that are added to UIDS in their
 * order; all is durable then. 1; 0 with errno, and staged_abandon takes back
 * what can be seen. */
int staged_show(struct staged *g, struct mailbox *b, struct sequence *uids);

/* Tells T of them all, once they are shown in DIR and as long as it is locked. */
void staged_teach(struct staged const *g, int dir, struct training *t);

/* Removes them all from DIR, shown or not. */
void staged_abandon(struct staged *g, int dir);

void staged_free(struct staged *g);

#endif
