/* SPDX-License-Identifier: ISC */
/* A message for a server without 8BITMIME, made of one that needs it: converted
 * by a process of its own, which can do nothing else, and signed anew where the
 * signature on it is ours. */
#ifndef BESACE_RELAY_SEVEN_BIT_H
#define BESACE_RELAY_SEVEN_BIT_H

#include <stdint.h>

#include "settings.h"

enum seven_bit_result {
	SEVEN_BIT_MADE,
	SEVEN_BIT_IMPOSSIBLE, /* WHY says, behind "cannot be converted:" */
	SEVEN_BIT_LATER       /* logged */
};

/* A message in a file. */
struct seven_bit {
	int fd;
	uint64_t start;
	uint64_t size; /* octets */
	char const *why;
};

/* TO becomes a new file, from its start on, which is the caller's to close. UID
 * is the message's, for the log. */
enum seven_bit_result seven_bit_make(struct settings const *settings,
    char const *uid, struct seven_bit const *from, struct seven_bit *to);

#endif
