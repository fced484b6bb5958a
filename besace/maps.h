/* SPDX-License-Identifier: ISC */
/* The maps, made from the text files. */
#ifndef BESACE_MAPS_H
#define BESACE_MAPS_H

/* Only one process at a time changes BESACE_ETC: waits for its turn. A
 * descriptor whose end is the end of the turn, or -1 (said on stderr). */
int maps_lock(void);

/* Reads and checks every text file, then writes every map; with an error in
 * any file, none. Says on stderr what is wrong. An exit code. The caller holds
 * the lock. */
int maps_compile(void);

#endif
