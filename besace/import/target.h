/* SPDX-License-Identifier: ISC */
/* A folder that messages come into. While it is open its list of UIDs is locked;
 * messages become visible in batches, each batch in its order, with UIDs and
 * synced. A message whose name is there already is not taken again. */
#ifndef BESACE_IMPORT_TARGET_H
#define BESACE_IMPORT_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "keywords.h"
#include "lock.h"
#include "maildir.h"
#include "uidlist.h"

enum { BATCH = 64 };

struct tally {
	unsigned long came, there, failed, unkept; /* unkept: lost its UID */
	uint64_t octets;
};

/* What is known of a message besides its text. */
struct incoming {
	char const *from; /* where it stands in the old store, for messages */
	char const *base; /* name without info part */
	char const *info; /* ":2,FLAGS", or "" */
	bool in_new;
	bool dated;
	time_t date;
	struct uid_record const *record; /* in the target's FROM list, or NULL */
};

struct pending {
	struct maildir_file file;
	char info[64];
	bool in_new;
	struct uid_record const *record;
	char *from;
};

struct target {
	bool dry;
	int root; /* borrowed */
	int dir;  /* -1: a dry run, and it is not there */
	char const *folder;
	bool locked;
	struct lock lock;
	struct uidlist uids;
	struct uidlist const *from; /* of the source, or NULL */
	struct keywords keywords;
	uint32_t used;       /* letters in its file names */
	struct uidlist seen; /* base names without sizes: a set of names */
	struct pending batch[BATCH];
	unsigned waiting;
	struct tally tally;
};

/* Says on stderr what could not be taken and why (errno). */
void target_complain(char const *what, char const *why);

/* Opens FOLDER below ROOT; made when missing, unless DRY. FROM is the source's
 * list of UIDs, which an empty folder takes over, or NULL. 1; 0, said. */
int target_open(struct target *t, int root, char const *folder,
    struct uidlist const *from, bool dry);

/* Whether a message of this base name is there, by now or from before. If not,
 * the name counts as there from now on. 1, 0; -1 with errno. */
int target_meet(struct target *t, char const *base, size_t len);

/* The flags' letters of the source as those of the folder. */
uint32_t target_flags(struct target *t, struct keywords const *from,
    uint32_t flags);

/* The bit of a keyword, 0 when no letter is free or it is none. */
uint32_t target_keyword(struct target *t, char const *name, size_t len);

/* Takes the message that is FD from its start, or the LEN octets at S when FD is
 * -1. It is counted: as taken when its batch is. */
void target_take(struct target *t, struct incoming const *in, char const *s,
    size_t len, int fd);

/* Ends the batch and closes; messages still on their way count as failed if it
 * fails. 1; 0: the folder is not whole, said. */
int target_close(struct target *t);

#endif
