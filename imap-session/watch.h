/* SPDX-License-Identifier: ISC */
/* Directories of the Maildir watched by inotify(7): who has news, not what they
 * are. */
#ifndef IMAP_WATCH_H
#define IMAP_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/inotify.h>

enum {
	WATCH_BUFFER = 4096,
	WATCH_FILES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO
};

struct watched {
	int wd;
	uint32_t owner;
};

struct watch {
	int fd; /* -1: not open */
	struct watched *table;
	size_t count, room;
	size_t pos, len; /* of what is read */
	char buf[WATCH_BUFFER]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
};

struct watch_event {
	bool all;  /* events were lost: anybody may have news */
	bool lost; /* the directory was deleted or moved away */
	uint32_t owner;
	char const *name; /* in the directory; "" itself */
};

/* 1; 0 with errno (EMFILE: this user has too many already). */
int watch_open(struct watch *w);
void watch_close(struct watch *w);

/* Watches directory NAME in the directory DIR for the inotify events MASK and its
 * own end, in the name of OWNER. 1; 0 with errno (ENOENT, ENOSPC: this user
 * watches too many). */
int watch_add(struct watch *w, int dir, char const *name, uint32_t mask,
    uint32_t owner);

/* cur/ and new/ of the mailbox DIR. */
int watch_mailbox(struct watch *w, int dir, uint32_t owner);

/* Watches nothing more for OWNER. */
void watch_remove(struct watch *w, uint32_t owner);

/* What has happened, without waiting. False: nothing more. */
bool watch_next(struct watch *w, struct watch_event *e);

#endif
