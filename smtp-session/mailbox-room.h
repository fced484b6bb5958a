/* SPDX-License-Identifier: ISC */
/* Whether a recipient's mailbox has room, as far as that can be told in a
 * moment. */
#ifndef SMTP_MAILBOX_ROOM_H
#define SMTP_MAILBOX_ROOM_H

#include "back.h"

/* By one small file in the mailbox, and the SIZE that MAIL gave. NULL when there
 * is room, or when deliver has to count; else the reply. */
char const *mailbox_room(struct smtp_back *b,
    struct lookup_result const *mailbox);

#endif
