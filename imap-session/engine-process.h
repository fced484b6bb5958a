/* SPDX-License-Identifier: ISC */
/* The IMAP engine as a process of its own, for a user who may go
 * (UNAUTHENTICATE, RFC 8437): it confines itself for good, while the back stays
 * what it was and waits for its end. */
#ifndef IMAP_ENGINE_PROCESS_H
#define IMAP_ENGINE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>
#include "back.h"

struct engine_process {
	pid_t pid;
	int stream; /* the engine's end of it; -1: nobody was served */
	int report; /* what it says to the back */
	stralloc unread;
	size_t told; /* of unread */
};

/* Starts it and waits until it has entered the mailbox. The front's end of the
 * stream that it speaks on; -1, and logged: it could not. RELEASE closes, in the
 * new process, what is the back's alone. */
int engine_process_start(struct engine_process *e, struct serving const *v,
    void (*release)(void *arg), void *arg);

/* Waits for its end. True: the user has gone and the client stays; else the
 * session is over, and the client has been told so if the engine could not do it
 * itself. */
bool engine_process_wait(struct engine_process *e);

/* After that: what the client sent behind UNAUTHENTICATE, piece by piece, into
 * BUF. 0: that was all. */
size_t engine_process_unread(struct engine_process *e, char *buf, size_t size);

#endif
