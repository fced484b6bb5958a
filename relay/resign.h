/* SPDX-License-Identifier: ISC */
/* Our signature on a message that was converted. */
#ifndef BESACE_RELAY_RESIGN_H
#define BESACE_RELAY_RESIGN_H

#include <stdint.h>

#include "settings.h"

struct seven_bit;

/* The DKIM-Signature of a message: where it is there, and its t=. */
struct resign {
	uint64_t at, len; /* octets; 0: there is none */
	uint64_t time;
};

enum resign_result {
	RESIGN_DONE,
	RESIGN_NOT_OURS,
	RESIGN_LATER /* logged */
};

/* *SIGNED_FD becomes a new file: the message in CONVERTED, which has no signature,
 * with one of dkimsign's as outbound_filters has it. Only when that of ORIGINAL
 * is ours and right: which it is when dkimsign makes the same one, octet by
 * octet, of the message without it and at the same time. So nobody gets a
 * signature of ours by writing a field that looks like one. */
enum resign_result resign(struct settings const *settings, char const *uid,
    struct seven_bit const *original, struct resign const *signature,
    int converted, int *signed_fd);

#endif
