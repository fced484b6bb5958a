/* SPDX-License-Identifier: ISC */
/* The id that a message carries through every program and log line. */
#ifndef BESACE_UID_H
#define BESACE_UID_H

enum { UID_MAX = 24 };

/* A new id: the time in microseconds and 40 random bits, in base 32; ids sort
 * by time. 1, or 0 with errno. */
int uid_new(char out[UID_MAX]);

#endif
