/* SPDX-License-Identifier: ISC */
/* The list of subscribed folders, in Dovecot's file "subscriptions". */
#ifndef BESACE_SUBSCRIPTIONS_H
#define BESACE_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

/* *NAMES becomes the subscribed folders of the Maildir ROOTFD, each ended by
 * LF, in the file's order: levels joined by '.', modified UTF-7. No file means
 * none. 1, or 0 with errno. */
int subscriptions_read(int rootfd, stralloc *names);

/* The same of a file's TEXT. Pure. */
int subscriptions_parse(stralloc const *text, stralloc *names);

/* Puts folder NAME (as above) on the list or takes it off; the other lines and
 * the file's version stay. Locks by "subscriptions.lock", waits for it a few
 * seconds at most. 1, also when it was so already; 0 with errno (EINVAL: no
 * name; EAGAIN: locked). */
int subscriptions_change(int rootfd, char const *name, bool subscribed);

#endif
