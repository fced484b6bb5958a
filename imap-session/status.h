/* SPDX-License-Identifier: ISC */
/* What STATUS counts. */
#ifndef IMAP_STATUS_H
#define IMAP_STATUS_H

#include "object-id.h"
#include "session.h"

struct counts {
	uint64_t messages, recent, next, validity, unseen;
	uint64_t deleted, deleted_storage; /* RFC 9208 */
	uint64_t append_limit;             /* RFC 7889 */
	uint64_t highest_modseq;           /* RFC 7162 */
	uint64_t size;                     /* RFC 8438 */
	char mailbox_id[OBJECT_ID_SIZE];   /* RFC 8474 */
};

/* The items named in TEXT, "(MESSAGES UNSEEN)". */
unsigned status_items(char const *text);

/* Counts what costs nothing and, of the rest, ITEMS. False with errno. */
bool status_count(struct session *s, char const *folder, unsigned items,
    struct counts *n);

/* Sends "* STATUS ..." */
void status_put(struct session *s, char const *folder, unsigned items,
    struct counts const *n);

#endif
