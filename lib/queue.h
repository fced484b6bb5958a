/* SPDX-License-Identifier: ISC */
/* The queue on disk, BESACE_VAR/queue: one file for each message and group of
 * recipients, its envelope and state on top (queue-entry.h).
 *
 *	tmp/                being written: nothing counts here
 *	new/ID              just come, not tried yet
 *	deferred/DUE.ID     to be tried at DUE, ten digits of seconds
 *	hold/ID             not tried until it is released
 *	corrupt/ID          not to be read
 *
 * A file is whole under every name outside tmp/, at any moment, also after a
 * power cut: it is written and synced in tmp/ and gets its name by a rename. It
 * is never changed; a new state is a new file renamed over the old one.
 *
 * Whoever changes, renames or removes a file holds its lock, flock(2) on the
 * file itself, which ends with the process (and its children that were given
 * the descriptor). The new file of a state is locked before it gets the name.
 * Who only looks takes no lock. */
#ifndef BESACE_QUEUE_H
#define BESACE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "queue-entry.h"
#include "queue-list.h"
#include "queue-name.h"
#include "uid.h"

/* The directories, below BESACE_VAR, from the top down, ended by NULL: each
 * 0700 and the mail owner's. */
extern char const *const queue_directories[];

/* The directory of all of them, for the calls below. -1 with errno. */
int queue_open(void);

/* --- a message enters ------------------------------------------------------- */

/* A file on its way: synced in tmp/, not visible; or just made visible. */
enum queue_new_state { QUEUE_NEW_NONE, QUEUE_NEW_TMP, QUEUE_NEW_VISIBLE };

struct queue_new {
	int queue;
	char id[UID_MAX];
	enum queue_new_state state;
};

/* Writes the entry and the message, IOV, to a new file in tmp/ and syncs it.
 * 1; 0 with errno, nothing left behind (E2BIG: too long an envelope). */
int queue_write(struct queue_new *n, int queue, struct queue_entry const *e,
    struct iovec const *iov, int count);

/* Gives it its name in new/: from here on it is tried. It stays after a power
 * cut when queue_sync(queue, QUEUE_NEW) was said after it. 1, or 0 with errno
 * and the file still in tmp/. */
int queue_commit(struct queue_new *n);

/* Takes it back, from tmp/ or new/. A runner may have been faster; what it has
 * sent is sent. errno is kept. */
void queue_abandon(struct queue_new *n);

/* What was renamed into the directory and removed from it stays so after a
 * power cut. 1, or 0 with errno. */
int queue_sync(int queue, enum queue_box box);

/* --- a file of the queue ---------------------------------------------------- */

struct queue_file {
	int queue;
	int fd; /* -1: closed */
	struct queue_name name;
	struct queue_entry entry;
	uint64_t start; /* of the message, in the file */
	uint64_t size;  /* of the message, octets */
};

#define QUEUE_FILE_ZERO \
	{ \
		.fd = -1, .entry = QUEUE_ENTRY_ZERO \
	}

enum queue_lock {
	QUEUE_LOOK, /* none: only to be read */
	QUEUE_TRY,  /* unless somebody has it */
	QUEUE_WAIT  /* when it is free; a relay may have it for long */
};

enum queue_result {
	QUEUE_ERROR = -1, /* errno; nothing is open */
	QUEUE_OK,
	QUEUE_GONE,   /* no file has this name now; nothing is open */
	QUEUE_BUSY,   /* QUEUE_TRY: somebody has it; nothing is open */
	QUEUE_DAMAGED /* it is open and locked, without an entry: to be moved
	               * to QUEUE_CORRUPT */
};

/* Opens the file PATH ("new/ID") below QUEUE, locks it and reads its entry.
 * The descriptor's own offset is at the start of the message: a child with it
 * as standard input reads the message. What *F held is lost: close it first. */
enum queue_result queue_file_open(int queue, char const *path,
    enum queue_lock lock, struct queue_file *f);

/* Writes F's entry as the new state: on return it is on disk and still there
 * after a power cut, and F is the new file, locked. OK; GONE when the name was
 * taken away meanwhile, which is not undone; ERROR with errno and the old state
 * (the new one when only the directory could not be synced). The descriptor
 * changes. */
enum queue_result queue_save(struct queue_file *f);

/* Whether queue_save would find room for a new state, as far as can be told
 * before: for who does what cannot be undone, and then has to write that down.
 * 1, or 0 with errno. */
int queue_has_room(struct queue_file const *f);

/* What queue_save does; or, when the entry says that nothing is left to do,
 * removes the file, for the same guarantee at less cost. Then F is closed. */
enum queue_result queue_record(struct queue_file *f);

/* Renames F to its place in BOX, with the time DUE for QUEUE_DEFERRED. Not
 * synced: after a power cut it may have the old name. OK, GONE, or ERROR with
 * errno and the old name. */
enum queue_result queue_move(struct queue_file *f, enum queue_box box,
    int64_t due);

/* Removes F and closes it. Not synced, see queue_sync: after a power cut it
 * may be there again, with its last state. OK, GONE, or ERROR with errno, and
 * it stays open. */
enum queue_result queue_remove(struct queue_file *f);

/* Lets it go, lock and all. errno is kept. */
void queue_file_close(struct queue_file *f);

/* Removes what writers that died left in tmp/, after 36 hours. Best effort. */
void queue_sweep(int queue);

#endif
