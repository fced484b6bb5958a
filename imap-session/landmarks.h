/* SPDX-License-Identifier: ISC */
/* Places in messages that were passed before: who fetches a large message in
 * pieces, in whatever order, does not make us count its lines from the beginning
 * for each of them. Pure. */
#ifndef IMAP_LANDMARKS_H
#define IMAP_LANDMARKS_H

#include <stdint.h>
#include "content.h"

enum {
	LANDMARKS_MESSAGES = 4, /* the ones that were used last */
	LANDMARKS_MAX = 128,    /* of a message */
	LANDMARKS_STRIDE = 256 << 10
};

struct landmarks_message {
	uint32_t uid; /* 0: free */
	uint32_t used;
	uint32_t count;
	uint64_t stride; /* they are not closer */
	struct place at[LANDMARKS_MAX];
};

struct landmarks {
	uint32_t clock;
	struct landmarks_message messages[LANDMARKS_MESSAGES];
};

/* *P moves to the last place known that is not behind TARGET, if that is
 * further. TARGET counts as sent. */
void landmarks_use(struct landmarks *l, uint32_t uid, uint64_t target,
    struct place *p);

/* The place P was passed. */
void landmarks_add(struct landmarks *l, uint32_t uid, struct place const *p);

#endif
