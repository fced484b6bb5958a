/* SPDX-License-Identifier: ISC */
/* The message into every mailbox, or into none. */
#ifndef BESACE_DELIVER_STORE_H
#define BESACE_DELIVER_STORE_H

#include "headers.h"
#include "route.h"

struct store {
	int basefd;              /* virtual_mailbox_base */
	char const *sender;      /* NULL: unknown */
	char const *spam_folder; /* "": spam stays in the inbox */
	struct headers const *message;
};

/* Delivers to every target's mailbox, each once. First phase: the message is
 * written and synced in all tmp/ directories; second: it is made visible in all
 * of them. 1, and the targets' file and size are set; 0, logged, when one
 * cannot be had: that target has failed, and nothing is visible anywhere, nor
 * left in tmp/. Signals that end the program wait for such a moment. */
int store_message(struct store const *s, struct route *r);

#endif
