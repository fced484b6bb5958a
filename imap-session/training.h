/* SPDX-License-Identifier: ISC */
/* What a user says of messages by where he puts them, for the spam learner: hard
 * links of the messages in
 *
 *	besace-train/spam/BASE-NAME
 *	besace-train/ham/BASE-NAME
 *
 * of the Maildir. A record is there whole or not at all, and who has learned a
 * message removes it. A message has one at most, for what was said last. */
#ifndef IMAP_TRAINING_H
#define IMAP_TRAINING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>

#define TRAINING_DIR "besace-train"

/* Of a class; what comes beyond is not recorded. */
enum { TRAINING_RECORDS_MAX = 1000, TRAINING_OCTETS_MAX = 64 << 20 };

enum lesson { LESSON_NONE, LESSON_SPAM, LESSON_HAM };

struct training_record {
	ino_t inode;
	size_t name; /* in the names */
};

struct training_class {
	int dir; /* -1: it cannot be had */
	struct training_record *records;
	size_t count, room;
	stralloc names; /* each ended by a NUL */
	uint64_t octets;
	bool changed;
};

struct training {
	enum lesson lesson;
	struct training_class own, other;
	unsigned taught;
	int why; /* errno of what failed first; 0: nothing did */
};

/* What it says that messages come from folder FROM (NULL: from the client) to TO
 * in the Maildir ROOT. What fails is LESSON_NONE. */
enum lesson training_lesson(int root, char const *spam_folder, char const *from,
    char const *to);

/* Nothing that fails in these fails what the user does: it is logged. */

void training_start(struct training *t, int root, enum lesson lesson);
/* The message PATH ("cur/NAME") in a mailbox's directory. */
void training_add(struct training *t, int dir, char const *path);
/* Makes them durable. */
void training_end(struct training *t, char const *user);

#endif
