/* SPDX-License-Identifier: ISC */
/* The process's title, as ps(1) shows it: whose session it is, and what it
 * does. */
#ifndef IMAP_TITLE_H
#define IMAP_TITLE_H

/* Makes room for titles; without, title_set does nothing. Moves the
 * environment, so call it before anything points into that. */
void title_open(char **argv);

/* USER (and IP, if it is not NULL) and what the session is at, "FETCH". Not
 * kept. */
void title_set(char const *user, char const *ip, char const *state);

#endif
