/* SPDX-License-Identifier: ISC */
/* The message into the mailboxes: those that can be had, or none. */
#ifndef BESACE_DELIVER_STORE_H
#define BESACE_DELIVER_STORE_H

#include "headers.h"
#include "route.h"
#include "settings.h"

struct delivery;

struct store {
	int basefd;         /* virtual_mailbox_base */
	char const *sender; /* NULL: unknown */
	struct settings const *settings;
	struct headers const *message;
	struct delivery *all; /* its own */
	size_t count;
};

/* First phase: the message is written and synced in tmp/ of every target's
 * mailbox, each once. A target whose mailbox cannot be had has failed, logged.
 * 1; 0 when all of it is to be given up, and a target says why. Signals that
 * end the program wait from here on. store_finish is due in any case. */
int store_prepare(struct store *s, struct route *r);

/* Second phase: it is made visible in all mailboxes of the first; then each of
 * these directories is synced, and the targets' sizes are set. 1; 0, logged, at
 * the first that fails: that target has failed. */
int store_show(struct store *s);
int store_sync(struct store *s);

/* KEEP: the targets' files are set. Else all is taken back: nothing is visible
 * anywhere, nor left in tmp/. */
void store_finish(struct store *s, bool keep);

#endif
