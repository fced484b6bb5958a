/* SPDX-License-Identifier: ISC */
/* What a process may still do, from wide to narrow: other user, empty root,
 * no new privileges, Landlock, seccomp. Needs no privilege; what the kernel
 * does not know is left out, the rest holds. All: 1, or 0 with errno when
 * something that exists could not be applied: do not go on. A forbidden call
 * kills the process. */
#ifndef BESACE_SANDBOX_H
#define BESACE_SANDBOX_H

/* For a process that talks to strangers: gives up root if it has it (user
 * nobody, an empty deleted directory as root), then no files, no new sockets,
 * no exec; only open descriptors, memory, time and exit. It is killed when its
 * parent, the back, ends. */
int sandbox_front(void);

/* For a filter that has opened what it needs: the same, but keeps the user. */
int sandbox_filter(void);

/* For a library that speaks over a connection it has: the same, with the calls
 * that set and ask a socket, but open none. */
int sandbox_connected(void);

/* For the IMAP engine: files below the directory ROOTFD only; no sockets, no
 * exec. Call after the change of user. */
int sandbox_below(int rootfd);

#endif
