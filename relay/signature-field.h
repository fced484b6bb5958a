/* SPDX-License-Identifier: ISC */
/* Signatures over a whole message, in its header: RFC 6376, RFC 8617. Pure. */
#ifndef BESACE_RELAY_SIGNATURE_FIELD_H
#define BESACE_RELAY_SIGNATURE_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

struct signatures {
	unsigned int count;
	struct span dkim; /* the last DKIM-Signature, with its line end */
	bool timed;       /* it says when it was made: */
	uint64_t time;    /* its t= */
};

/* Those of the message M. */
void signatures_find(struct span m, struct signatures *found);

#endif
