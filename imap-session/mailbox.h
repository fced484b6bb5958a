/* SPDX-License-Identifier: ISC */
/* A mailbox as one session sees it: messages in the order of their UIDs, their
 * place in the array being their sequence number less one. What other programs
 * do to the directory shows at mailbox_sync; a message that is gone stays in its
 * place, marked, until mailbox_forget, so that numbers change only when the
 * client is told. */
#ifndef IMAP_MAILBOX_H
#define IMAP_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <skalibs/stralloc.h>
#include "keywords.h"
#include "lock.h"
#include "quota.h"
#include "scan.h"
#include "sequence.h"
#include "uidlist.h"

enum { FOLDER_NAME_MAX = 255 };

struct message {
	uint32_t uid;
	uint32_t flags;
	uint32_t name; /* offset in the mailbox's names */
	uint16_t len;
	uint16_t base;
	uint64_t size; /* RFC822.SIZE; 0: not known yet */
	uint64_t modseq;
	int64_t date;  /* INTERNALDATE, seconds: mailbox_date */
	int64_t saved; /* SAVEDATE, seconds: mailbox_saved */
	bool has_date, has_saved;
	bool in_new;
	bool recent;
	bool gone;    /* the file is no more; EXPUNGE still to be told */
	bool changed; /* by others; FETCH FLAGS still to be told */
	bool stored;  /* by us; FETCH MODSEQ still to be told */
};

struct mailbox {
	int root;                         /* borrowed */
	int dir;                          /* -1: no mailbox */
	char folder[FOLDER_NAME_MAX + 1]; /* as on disk, without the first dot;
					   * "" is INBOX */
	bool writable;
	bool locked;
	struct lock lock;
	struct uidlist uids;
	uint32_t validity; /* the UIDVALIDITY the client knows */
	struct keywords keywords;
	bool keywords_changed; /* FLAGS still to be told */
	struct scan scan;
	struct message *messages;
	uint32_t count;
	size_t room;
	uint32_t told; /* how many of them the client knows of */
	/* Not less than any message's, and raised by each EXPUNGE. */
	uint64_t highest_modseq;
	stralloc names;
	struct timespec cur_mtime, new_mtime;
	time_t relook; /* a change may have hidden in the clock's grain: look
			* again from then on; 0: no need */
	bool dirty;    /* look at the next sync whatever the times say */
	struct quota_usage removed; /* by mailbox_remove, till it is taken */
};

/* Opens FOLDER below ROOT without looking inside. 1; 0 with errno (ENOENT: no
 * such mailbox). */
int mailbox_open(struct mailbox *b, int root, char const *folder,
    bool writable);
void mailbox_close(struct mailbox *b);

/* Brings the view up to date: gives UIDs to new files, moves new/ to cur/ when
 * writable. 1; 0 with errno (ESTALE: the mailbox was deleted, or its UIDs are
 * not the same any more). */
int mailbox_sync(struct mailbox *b);

/* Takes the lock and reads UIDs and keywords, without looking at the files. The
 * list of UIDs is there afterwards. 1, or 0 with errno. */
int mailbox_lock(struct mailbox *b);
void mailbox_unlock(struct mailbox *b);

/* Writes the UIDs that were given, as uidlist_flush, if the lock is still ours
 * (EAGAIN: it is not). */
int mailbox_flush_uids(struct mailbox *b);

/* Whether both are one directory: names tell nothing after a RENAME. */
bool mailbox_same(struct mailbox const *a, struct mailbox const *b);

/* Two at once, in the one order that everybody keeps. A and B may be the same
 * folder: then only A is locked. */
int mailbox_lock_two(struct mailbox *a, struct mailbox *b);

/* Under the lock, after mailbox_sync. 1; 0 with errno (ENOENT: it is gone, and
 * marked so). */
int mailbox_set_flags(struct mailbox *b, struct message *m, uint32_t flags);
int mailbox_remove(struct mailbox *b, struct message *m);

/* What has been removed since the last call: to be taken off what the whole
 * Maildir holds. */
struct quota_usage mailbox_take_removed(struct mailbox *b);

/* What the message counts for there; 0 when it is gone. */
uint64_t mailbox_stored_size(struct mailbox const *b, struct message const *m);

/* After a row of these, under the lock: what we did ourselves need not make us
 * look again. mailbox_settle also makes it durable: 1, or 0 with errno. */
void mailbox_note_changes(struct mailbox *b);
int mailbox_settle(struct mailbox *b);

/* The bit of a keyword, made new if need be (under the lock, after a sync). 0
 * with errno (EDQUOT: no letter is free; EINVAL: not a keyword). */
uint32_t mailbox_keyword(struct mailbox *b, char const *name, size_t len);

char const *mailbox_name(struct mailbox const *b, struct message const *m);
/* "cur/NAME" or "new/NAME". */
void mailbox_path(struct mailbox const *b, struct message const *m,
    char path[FOLDER_NAME_MAX + 8]);
/* The message's file. -1 with errno (ENOENT: it is gone, and marked so). */
int mailbox_open_message(struct mailbox *b, struct message *m);

/* Looks where the file is now, *M being where the message is then. 1; 0 with
 * errno, ENOENT: the message is gone. */
int mailbox_look_again(struct mailbox *b, struct message **m);

/* INTERNALDATE and SAVEDATE (RFC 8514), in seconds since 1970. 1; 0 with errno
 * (ENOENT: the message is gone, and marked so). */
int mailbox_date(struct mailbox *b, struct message *m, int64_t *t);
int mailbox_saved(struct mailbox *b, struct message *m, int64_t *t);

/* A mod-sequence for a change that happens now (RFC 7162): the time in
 * microseconds, but greater than all before. */
uint64_t mailbox_next_modseq(struct mailbox *b);

/* *OUT becomes the UIDs of KNOWN (a resolved set; NULL: all that were ever
 * given) that are not in the view and were expunged after SINCE. Where that
 * cannot be told any more they are in it. 1; 0 no memory. */
int mailbox_vanished(struct mailbox *b, uint64_t since,
    struct sequence const *known, struct sequence *out);

/* What the message is known by wherever it is copied. It stays till the next
 * sync. */
struct bytes mailbox_guid(struct mailbox const *b, struct message const *m);

/* NULL when there is none with this UID. */
struct message *mailbox_find(struct mailbox *b, uint32_t uid);
/* Index of the first message with this UID or a later one. */
uint32_t mailbox_lower_bound(struct mailbox const *b, uint32_t uid);

/* Takes messages that are gone out of the view. */
void mailbox_forget(struct mailbox *b);

#endif
