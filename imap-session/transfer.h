/* SPDX-License-Identifier: ISC */
/* Messages from one mailbox to another: COPY and MOVE. */
#ifndef IMAP_TRANSFER_H
#define IMAP_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>
#include "mailbox.h"
#include "quota-file.h"
#include "sequence.h"
#include "training.h"

struct copied {
	struct mailbox target;
	uint32_t validity;        /* the target's */
	struct sequence from, to; /* UIDs, in the same order */
	bool missing;             /* some were gone before */
	bool full;                /* there is no room for them */
};

/* Copies the messages with these numbers to folder TO, by hard links; with MOVE
 * takes them away from B once they are safe there. All or none is copied. Both
 * mailboxes are locked meanwhile. Q, which is open, is told what comes and goes, and
 * TRAINING, which is started, what is to be learned. 1; 0 with errno (ENOENT: no such folder), or as T->full says. */
int transfer_messages(struct copied *t, struct mailbox *b, char const *to,
    struct sequence const *numbers, bool move, struct quota *q,
    struct training *training);
void transfer_free(struct copied *t);

#endif
