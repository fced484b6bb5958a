/* SPDX-License-Identifier: ISC */
/* Looking at the directories of a mailbox. Results in its SCAN, records of its
 * list of UIDs tied to files there. */
#ifndef IMAP_MAILBOX_SCAN_H
#define IMAP_MAILBOX_SCAN_H

#include <sys/types.h>
#include "mailbox.h"

/* All files; closer, with the lock. 1, or 0 with errno. */
int scan_all(struct mailbox *b);

/* Those in new/. 1, or 0 with errno. */
int scan_new(struct mailbox *b);

/* Ties records to files, each anew. */
void scan_match(struct mailbox *b);

/* The record of a UID, *POS going up with them. NULL: none. */
struct uid_record *scan_record(struct mailbox const *b, uint32_t uid,
    size_t *pos);

/* UIDs in memory for files without one, in ascending order of their names. The
 * number of such files; -1 with errno. */
ssize_t scan_number(struct mailbox *b);

/* The same on disk. 1, or 0 with errno. */
int scan_settle(struct mailbox *b);

/* After a look at all files: takes out of the list what is gone. 1; 0 with
 * errno. */
int scan_compact(struct mailbox *b);

/* Moves what is in new/ to cur/, if the mailbox is writable and locked. RECENT is
 * set for each file that was there. */
void scan_move_new(struct mailbox *b, bool *recent);

#endif
