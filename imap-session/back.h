/* SPDX-License-Identifier: ISC */
/* The process without the connection: checks logins, then becomes the user's
 * IMAP server. */
#ifndef IMAP_BACK_H
#define IMAP_BACK_H

#include <stdbool.h>
#include "front.h"

/* The whole life of the back. Its exit status. */
int back_run(struct front *front, struct settings const *settings,
    bool configured, struct peer *peer, char const *listener);

/* Serves a user on two descriptors, from the first line on, with input that came
 * already. Confines the process. False, and logged, when the mailbox cannot be
 * had: nothing was sent. READY is called just before the first octet. */
struct serving {
	struct settings const *settings;
	char const *user;
	char const *ip; /* NULL: none */
	int in, out;
	char const *greeting; /* how the first line begins */
	char const *input;
	size_t input_len;
	void (*ready)(void *arg);
	/* By UNAUTHENTICATE, with what was read behind it; NULL: there is no
	 * such command. */
	void (*unauthenticated)(void *arg, char const *unread, size_t len);
	void *arg;
};

bool serve_user(struct serving const *v);

#endif
