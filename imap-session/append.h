/* SPDX-License-Identifier: ISC */
/* The messages of APPEND and REPLACE, as they come: each streams into a file,
 * and when it is whole lies synced in the mailbox's tmp/. */
#ifndef IMAP_APPEND_H
#define IMAP_APPEND_H

#include "catenate.h"
#include "incoming.h"
#include "session.h"
#include "staged.h"

struct append {
	struct session *s;
	struct cursor c; /* in the text that is there */
	bool literal;    /* it ends with one that is still to come */
	answer text;     /* what it failed with; NULL: the client is gone */
	char folder[NAME_MAX_DISK + 1];
	struct mailbox box;           /* the target */
	struct quota_usage goes_away; /* for the new message */
	struct flag_list flags;
	bool dated;
	time_t date;
	struct incoming in;
	bool nul; /* in the literal at hand */
	struct catenate catenate;
	struct staged staged;
	struct sequence uids;
	uint32_t replaces; /* a UID of the selected mailbox */
};

/* At the arguments of a verb, whose text may end at a literal. */
void append_start(struct append *a, struct session *s, struct cursor const *c);

/* Reads past what still comes of the command when it has failed. What it is to
 * be answered; NULL: the client is gone. */
answer append_finish(struct append *a);

/* False, with that answer; or with that of errno, and what was tried. */
bool append_fail(struct append *a, answer text);
bool append_failed(struct append *a, char const *what);

/* Opens a->folder. GOOD_NAME: it is one. */
bool append_open(struct append *a, bool good_name);

/* append-message, behind the space before it: it is staged. */
bool append_message(struct append *a);

/* The command ends here, or it fails. */
bool append_end(struct append *a);

/* DELIVER shows the messages, takes away what goes, and sets a->uids; all or
 * nothing. The quota is told. */
bool append_store(struct append *a, bool (*deliver)(struct append *a));

/* Tells the spam learner, in DELIVER. */
void append_teach(struct append *a);

#endif
