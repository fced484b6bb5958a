/* SPDX-License-Identifier: ISC */
/* What the files of the mailbox share among themselves. */
#ifndef IMAP_MAILBOX_PARTS_H
#define IMAP_MAILBOX_PARTS_H

#include "mailbox.h"

struct stat;

enum {
	MESSAGES_MAX = 1 << 24,
	MAILBOX_TRIES =
	    3 /* looks for a message that is renamed again and again */
};

/* The mailbox's name, for the log. */
char const *mailbox_label(struct mailbox const *b);

/* "cur/NAME" or "new/NAME". */
void mailbox_file_path(bool in_new, char const *name,
    char path[FOLDER_NAME_MAX + 8]);

/* rename(2) that does not replace, where the file system can. */
bool mailbox_rename_file(int dir, char const *from, char const *to);

/* --- the lock and the list of UIDs --------------------------------------- */

/* A process that was stopped for longer than a lock lasts must not write. */
bool mailbox_still_locked(struct mailbox const *b);

/* The whole list is in memory afterwards, made anew if there is none (under the
 * lock only). 1, or 0 with errno. */
int mailbox_load_list(struct mailbox *b);

/* As mailbox_lock, if nobody else has it. */
int mailbox_try_lock(struct mailbox *b);

/* --- the view ------------------------------------------------------------- */

/* A message is not there any more. */
void mailbox_lose(struct mailbox *b, struct message *m);

/* Room for one more, at the end. NULL with errno. */
struct message *mailbox_grow(struct mailbox *b);

/* The same in its place, where one that is gone may be. NULL also where the client knows the view: a message
 * below others cannot be shown in it any more, and waits for the next SELECT. */
struct message *mailbox_insert(struct mailbox *b, uint32_t uid);

/* Dates, and the size if the name tells it, by one look at the file. 1; 0 with
 * errno. */
int mailbox_learn(struct mailbox *b, struct message *m);
void mailbox_take_facts(struct message *m, char const *name,
    struct stat const *st);

/* --- looking at the directories ------------------------------------------ */

/* How much has to be looked at. */
enum look { LOOK_NOT, LOOK_NEW, LOOK_ALL };
enum look mailbox_must_look(struct mailbox const *b);

/* Brings the view up to date with the files. Each 1, or 0 with errno: without
 * the lock, or under it all of them, or only what came to new/ (-1: that is not
 * enough). */
int mailbox_show_unlocked(struct mailbox *b);
int mailbox_show_all(struct mailbox *b);
int mailbox_show_new(struct mailbox *b);

/* The mailbox still exists, and its UIDs are those the client knows. 1, or 0 with
 * errno. */
int mailbox_check_same(struct mailbox *b);

/* What is not found in it then is nothing to tell: asked when the look is over. */
bool mailbox_is_deleted(struct mailbox const *b);

/* When to look again after a change that our own may hide. */
void mailbox_relook_soon(struct mailbox *b);

/* --- the index ------------------------------------------------------------ */

/* The view as the index has it, if there is one. Afterwards, and each time, takes
 * in what others have written to it. */
void mailbox_read_index(struct mailbox *b);

/* Under the lock, without a view: what is needed to append to the index. */
void mailbox_peek_index(struct mailbox *b);

/* For those who read it: opens it, into b->index.fd. 1 opened; 0 there is none;
 * -1 something that is no index. */
int mailbox_open_index(struct mailbox *b, struct stat *st,
    struct index_header *h);
/* It is the file in use, of which no frame was read yet. */
void mailbox_begin_frames(struct mailbox *b, struct stat const *st,
    struct index_header const *h);
/* The mailbox was so when a frame was written. */
void mailbox_take_state(struct mailbox *b, struct index_state const *state);

/* What is new is noted, to be written before the lock is given back. */
void mailbox_note_message(struct mailbox *b, struct message const *m);
void mailbox_note_vanished(struct mailbox *b, uint32_t first, uint32_t last);

void mailbox_note_named(struct mailbox *b, struct message const *m,
    char const *name);
void mailbox_note_facts(struct mailbox *b, struct message const *m);

/* Writes it. */
void mailbox_write_index(struct mailbox *b);

void mailbox_close_index(struct mailbox *b);

/* A name that is in the index, NUL-terminated. False: it cannot be had. */
bool mailbox_read_name(struct mailbox *b, struct message const *m,
    char name[FOLDER_NAME_MAX + 1]);

/* Writes what was learned of messages, if the lock is free. */
void mailbox_keep_facts(struct mailbox *b);

/* UIDs that are gone, without noting it. */
int mailbox_add_vanished(struct mailbox *b, struct vanished const *v);

#endif
