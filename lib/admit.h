/* SPDX-License-Identifier: ISC */
/* Whether a client is served at all, on the back's side of a session. */
#ifndef BESACE_ADMIT_H
#define BESACE_ADMIT_H

#include "front.h"

/* Call before the first request: nothing is known of the client yet. */
void admit_start(struct back *b);

/* NULL when the client (its address is known now) is served, else why not, in
 * words for the client; they live to the next call. */
char const *admit_refusal(struct back *b);

#endif
