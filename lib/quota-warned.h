/* SPDX-License-Identifier: ISC */
/* Who was warned that his mailbox fills up: an empty file in the Maildir for
 * each step, "besace.quota-warned.80", until less is in it again. */
#ifndef BESACE_QUOTA_WARNED_H
#define BESACE_QUOTA_WARNED_H

/* The step is ours to warn of: its file was made. 1; 0 there has been a warning
 * already; -1 with errno. */
int quota_warned_begin(int root, unsigned int step);

/* The mailbox is PERCENT full: warnings that came at more than that may come
 * again. STEPS is the setting quota_warning. */
void quota_warned_end(int root, char const *steps, unsigned int percent);

#endif
