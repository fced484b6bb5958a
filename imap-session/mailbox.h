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
#include "index.h"
#include "keywords.h"
#include "lock.h"
#include "quota.h"
#include "scan.h"
#include "sequence.h"
#include "uidlist.h"

enum { FOLDER_NAME_MAX = 255, INDEX_NAMES = 2048 };

/* besace.index as it was read last. */
struct index_file {
	int fd; /* -1: there is none, or it is not used */
	uint64_t inode, device;
	uint32_t validity;
	uint64_t id;
	uint64_t frames;          /* where they begin */
	uint64_t read;            /* where the last one that is known ends */
	stralloc changes;         /* not written yet */
	struct index_state state; /* what the file says */
	size_t joinable; /* where the last of the changes, a range of UIDs that
			  * are gone, begins; SIZE_MAX: it is none */
	bool lags;       /* it lacks more than these: to be written whole */
	bool damaged;    /* to be told when that is done */
	bool restarts;   /* changes of others may be lost: all messages get new
			* mod-sequences */
	/* names that were read last: those of the next messages follow */
	char names[INDEX_NAMES];
	uint64_t names_at;
	size_t names_len;
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
	struct vanished *vanished; /* in the order of mod-sequences */
	size_t vanished_count, vanished_room;
	uint64_t floor;          /* before which vanished is not complete */
	struct index_state seen; /* when the view was up to date */
	struct index_file index;
	bool keeps_index; /* writes what it finds to it */
	bool gave_uids;   /* under this lock: the index is to know them */
	bool loaded;      /* the view is more than what the lock needs */
	bool shown;       /* and was up to date once */
	bool has_new;     /* messages may be in new/ */
	bool in_step; /* under the lock: SEEN was still true when it was taken,
			   * and what we have done since is in the view */
	bool hides;   /* there are messages that cannot be shown any more: the
			   * index cannot be made from this view */
	bool unwritten;   /* UIDs are in memory only */
	uint32_t learned; /* messages of which more is known than the index has */
	time_t relook;    /* a change may have hidden in the clock's grain: look
			* again from then on; 0: no need */
	bool dirty;       /* look at the next sync whatever the times say */
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
/* Writes to the index what is new first. */
void mailbox_unlock(struct mailbox *b);

/* The whole list of UIDs is in memory afterwards, or at least its header; the
 * lock is not needed. 1, or 0 with errno. */
int mailbox_read_list(struct mailbox *b);
int mailbox_read_list_header(struct mailbox *b);

/* Whether a message with this base name has, or had, a UID. 1 yes; 0 no; -1 with
 * errno. Not between uidlist_give and mailbox_flush_uids. */
int mailbox_has_name(struct mailbox *b, char const *base, size_t len);

/* Writes the UIDs that were given, as uidlist_flush, if the lock is still ours
 * (EAGAIN: it is not). */
int mailbox_flush_uids(struct mailbox *b);

/* Whether both are one directory: names tell nothing after a RENAME. */
bool mailbox_same(struct mailbox const *a, struct mailbox const *b);

/* UIDs that were given in memory were not given. */
void mailbox_drop_uids(struct mailbox *b);

/* After mailbox_flush_uids: PATH, "cur/NAME" or "new/NAME", is a message with
 * this UID. */
void mailbox_add(struct mailbox *b, uint32_t uid, char const *path);

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
uint64_t mailbox_stored_size(struct mailbox *b, struct message const *m);

/* After a row of these, under the lock: what we did ourselves need not make us
 * look again. mailbox_settle also makes it durable: 1, or 0 with errno. */
void mailbox_note_changes(struct mailbox *b);
int mailbox_settle(struct mailbox *b);

/* The bit of a keyword, made new if need be (under the lock, after a sync). 0
 * with errno (EDQUOT: no letter is free; EINVAL: not a keyword). */
uint32_t mailbox_keyword(struct mailbox *b, char const *name, size_t len);

char const *mailbox_name(struct mailbox *b, struct message const *m);
/* "cur/NAME" or "new/NAME". */
void mailbox_path(struct mailbox *b, struct message const *m,
    char path[FOLDER_NAME_MAX + 8]);
/* The message's file. -1 with errno (ENOENT: it is gone, and marked so). */
int mailbox_open_message(struct mailbox *b, struct message *m);

/* Looks where the file is now, *M being where the message is then. 1; 0 with
 * errno, ENOENT: the message is gone. */
int mailbox_look_again(struct mailbox *b, struct message **m);

/* Something has happened in the directories: look at the next sync, if the times
 * cannot be trusted to tell. */
void mailbox_notice(struct mailbox *b);

/* RFC822.SIZE was found out. */
void mailbox_learn_size(struct mailbox *b, struct message *m, uint64_t size);

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
struct bytes mailbox_guid(struct mailbox *b, struct message const *m);

/* NULL when there is none with this UID. */
struct message *mailbox_find(struct mailbox *b, uint32_t uid);
/* Index of the first message with this UID or a later one. */
uint32_t mailbox_lower_bound(struct mailbox const *b, uint32_t uid);

/* Takes messages that are gone out of the view. */
void mailbox_forget(struct mailbox *b);

#endif
