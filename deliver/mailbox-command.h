/* SPDX-License-Identifier: ISC */
/* The setting mailbox_command: another program's way into a mailbox. */
#ifndef BESACE_DELIVER_MAILBOX_COMMAND_H
#define BESACE_DELIVER_MAILBOX_COMMAND_H

#include "headers.h"
#include "route.h"
#include "settings.h"

struct mailbox_command {
	int basefd; /* virtual_mailbox_base */
	struct settings const *settings;
	char const *sender; /* NULL: unknown */
	struct headers const *message;
	time_t end; /* what has not started by then is for a later try */
};

/* Runs it for each of R's mailboxes, one after the other, with the message as
 * it would be stored. Each target has then its own result: what one program
 * did is not undone because another failed. */
void mailbox_command_run(struct mailbox_command const *c, struct route *r);

#endif
