/* SPDX-License-Identifier: ISC */
/* MAILBOXID and EMAILID (RFC 8474), made of the GUIDs in dovecot-uidlist: a
 * mailbox keeps its own over RENAME, a message over COPY and MOVE. */
#ifndef IMAP_OBJECT_ID_H
#define IMAP_OBJECT_ID_H

#include "mailbox.h"

enum { OBJECT_ID_SIZE = 34 };

void email_id(struct mailbox *b, struct message const *m,
    char id[OBJECT_ID_SIZE]);

/* After a sync, without the lock. A mailbox that has no GUID gets one if it can be
 * written. */
void mailbox_id(struct mailbox *b, char id[OBJECT_ID_SIZE]);

#endif
