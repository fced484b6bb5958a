/* SPDX-License-Identifier: ISC */
/* Taking a user's place: his Maildir and nothing else. */
#ifndef IMAP_USER_H
#define IMAP_USER_H

#include "quota.h"
#include "settings.h"

/* Finds USER's mailbox, opens its Maildir (made if it is missing), takes on the
 * mail's owner and confines the process to that directory for good: root
 * directory where we may, Landlock, system calls. *QUOTA is what the mailbox may
 * hold. The descriptor of the Maildir; -1, and logged: end the process. */
int user_enter(struct settings const *settings, char const *user,
    struct quota_limit *quota);

#endif
