/* SPDX-License-Identifier: ISC */
/* The mail of an account on disk, made and removed as its owner. */
#ifndef BESACE_ACCOUNT_H
#define BESACE_ACCOUNT_H

#include "settings.h"

/* Makes the Maildir PATH below virtual_mailbox_base with the usual folders,
 * and subscribes them; what is there stays. 1; 0, and said on stderr. */
int account_make_mail(struct settings const *settings, char const *path);

/* Makes the folder FOLDER (as on disk, without the first dot) of the Maildir
 * PATH, which is made when it is missing, and subscribes it. 1; 0, and said on
 * stderr. */
int account_make_folder(struct settings const *settings, char const *path,
    char const *folder);

/* Removes it, and its parent (the domain) when nothing else is in there. 1,
 * also when there was none; 0, and said on stderr. */
int account_remove_mail(struct settings const *settings, char const *path);

#endif
