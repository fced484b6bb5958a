/* SPDX-License-Identifier: ISC */
/* NOTIFY (RFC 5465): what the client wants to be told of, and what it was told. */
#ifndef IMAP_NOTIFY_H
#define IMAP_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>
#include "fetch.h"
#include "folders.h"
#include "session.h"
#include "status.h"
#include "watch.h"

enum {
	NOTIFY_GROUPS_MAX = 32,
	NOTIFY_FOLDERS_MAX = 1000,
	NOTIFY_NAMES_MAX = 64 << 10 /* octets a group names */
};

enum notify_event {
	NOTIFY_NEW = 1,
	NOTIFY_EXPUNGE = 2,
	NOTIFY_FLAGS = 4,
	NOTIFY_NAME = 8,
	NOTIFY_SUBSCRIPTION = 16,
	NOTIFY_METADATA = 32,
	NOTIFY_SERVER_METADATA = 64,
	NOTIFY_MESSAGES = NOTIFY_NEW | NOTIFY_EXPUNGE | NOTIFY_FLAGS
};

enum notify_filter {
	NOTIFY_PERSONAL, /* "inboxes" too: Sieve may deliver anywhere */
	NOTIFY_SUBSCRIBED,
	NOTIFY_SUBTREE,
	NOTIFY_MAILBOXES
};

struct notify_group {
	enum notify_filter filter;
	unsigned events;
	stralloc names; /* of folders, each ended by a NUL */
};

/* Who owns a watch. */
enum { WATCH_ROOT, WATCH_SELECTED, WATCH_FOLDERS };

/* A mailbox that some group is about. */
struct notified {
	bool used;
	char name[NAME_MAX_DISK + 1];
	unsigned events;
	bool exists, subscribed;
	ino_t inode;
	bool watched;     /* as far as its events want it */
	bool dirty;       /* there may be news of its messages */
	bool annotations; /* ... and of these */
	struct counts told;
	stralloc digest; /* of its annotations */
	/* while the list is compared */
	bool seen, appeared, vanished, subscription;
	struct notified *old; /* which it was before a RENAME */
};

struct notify {
	struct notify_group groups[NOTIFY_GROUPS_MAX];
	unsigned count;
	bool status;         /* STATUS of all of them at first */
	unsigned selected;   /* events of the selected mailbox */
	bool delayed;        /* SELECTED-DELAYED */
	struct fetch *fetch; /* of its new messages; NULL: none */

	struct watch watch; /* not open: NOTIFY NONE */
	struct notified *folders;
	size_t folder_count;
	unsigned postponed; /* looks at the list of mailboxes */
	bool names;         /* the list of mailboxes may have changed */
	bool server;        /* the server's annotations may */
	bool in_selected;   /* ... or the selected mailbox */
	stralloc server_digest;
	stralloc own; /* names this client has just changed, as above */
	char selected_name[NAME_MAX_DISK + 1]; /* that is watched */
	bool selected_watched;
	char unfinished[NAME_MAX_DISK + 1]; /* a directory without cur/ yet */
	unsigned tries;                     /* left to look for it */
};

/* Arguments of NOTIFY. NULL, or what to answer. */
answer notify_parse(struct session *s, struct cursor *c, struct notify *n);
void notify_free(struct notify *n);

/* The events of a folder that is not selected. */
unsigned notify_events(struct notify const *n, char const *folder,
    bool subscribed);

/* Compares the mailboxes with those known, and tells what has changed if TELL.
 * 1; 0 with errno: too many. */
int notify_compare(struct session *s, struct notify *n, bool tell);

/* The slot of FOLDER, NULL. */
struct notified *notify_find(struct notify *n, char const *folder);

/* Whether this client has just changed it. */
bool notify_is_own(struct notify const *n, char const *folder);

/* Tells which annotations differ from *DIGEST, which becomes that of what is
 * there; F NULL: the server's. */
void notify_annotations(struct session *s, struct folder const *f,
    stralloc *digest, bool tell);

/* Watches what it asks for, and sends the first STATUS answers. 1; 0 with errno,
 * nothing sent: too many. */
int notify_start(struct session *s, struct notify *n);

#endif
