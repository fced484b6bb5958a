/* SPDX-License-Identifier: ISC */
/* The parameters of SELECT and EXAMINE (RFC 7162 sections 3.1.8 and 3.2.5).
 * Pure. */
#ifndef IMAP_SELECT_H
#define IMAP_SELECT_H

#include <stdbool.h>
#include <stdint.h>
#include "parse.h"
#include "sequence.h"

struct select_parameters {
	bool condstore;
	bool qresync;
	/* of QRESYNC: what the client knows of the mailbox */
	uint32_t validity;
	uint64_t modseq;
	struct sequence known;         /* UIDs; none: all */
	struct sequence numbers, uids; /* some pairs, as many of both */
};

/* [SP "(" select-param *(SP select-param) ")"], to the end of the command. The
 * sets are resolved. */
bool select_parse(struct cursor *c, struct select_parameters *p);
void select_free(struct select_parameters *p);

/* Calls PAIR for the message number and UID of each pair, in ascending order,
 * till it returns false. */
void select_pairs(struct select_parameters const *p,
    bool (*pair)(void *arg, uint32_t number, uint32_t uid), void *arg);

#endif
