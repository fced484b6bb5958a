/* SPDX-License-Identifier: ISC */
/* maildirsize in a Maildir: what the whole of it, all folders, holds. Shared
 * with other programs (Courier, Dovecot) that keep it the same way, and do not
 * lock it. A change is one line, appended in one write; whoever finds the file
 * missing or doubtful counts what there is and puts a new one in its place. Who
 * appended to a file that is not in its place any more cannot know whether he
 * was counted, and takes the new one away: the next one counts again.
 *
 * Among ourselves there is flock(2) on the Maildir: shared from quota_take, when
 * a message is noted that is not there yet, to quota_close, when it is; alone
 * for a count, which would miss such a message. Nobody waits long for it: then
 * the limit may be passed by what comes at that moment, and no mail is held
 * up. */
#ifndef BESACE_QUOTA_FILE_H
#define BESACE_QUOTA_FILE_H

#include "quota.h"

#define QUOTA_FILE "maildirsize"

enum { QUOTA_FRESH = 15 * 60 /* seconds that a count can be relied on */ };

struct quota {
	int root;         /* the Maildir, borrowed */
	char const *name; /* its name for the log, borrowed */
	int fd;           /* the file, or -1: none is kept */
	int turn;         /* the Maildir once more, for its lock; -1: none */
	bool shared;      /* it is held so */
	struct quota_limit limit;
	struct quota_usage used; /* known if there is a limit */
	bool certain; /* just counted: enough to refuse something for */
	bool changed; /* by us */
};

/* Reads the file and nothing else. 1; 0 when it is missing or doubtful, or
 * there is no limit. quota_close comes after either. */
int quota_look(struct quota *q, int root, char const *name,
    struct quota_limit const *limit);

/* The same, and counts when need be. Without a limit nothing is known of what
 * is used, but a file that is there is kept right. 1; 0 with errno: the mailbox
 * cannot be read. That only the file cannot be written is logged. */
int quota_open(struct quota *q, int root, char const *name,
    struct quota_limit const *limit);

/* Counts and writes the file anew, whatever is in it. As quota_open. */
int quota_recount(struct quota *q);

/* Whether there is room for so much more; a no is given only after a count. 1
 * or 0; -1 with errno. */
int quota_room(struct quota *q, uint64_t bytes, uint64_t messages,
    uint64_t grace);

/* So much comes or goes: appended, and Q->used is what the file says up to and
 * with this line, so that of several at once each knows who was before it. What
 * cannot be written is logged, and the file goes: to be counted anew. */
void quota_change(struct quota *q, int64_t bytes, int64_t messages);

/* 1, and it is appended; 0 when others have taken the room meanwhile. */
int quota_take(struct quota *q, uint64_t bytes, uint64_t messages,
    uint64_t grace);

void quota_close(struct quota *q);

#endif
