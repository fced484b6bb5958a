/* SPDX-License-Identifier: ISC */
#include "object-id.h"

#include <errno.h>
#include <stdio.h>
#include <skalibs/sha256.h>
#include "log.h"

/* A GUID may be any text, an objectid only letters and digits. */
static void
make_id(char letter, struct bytes guid, char id[OBJECT_ID_SIZE])
{
	SHA256Schedule hash = SHA256_INIT();
	char digest[32];
	sha256_update(&hash, guid.s, guid.len);
	sha256_final(&hash, digest);
	*id = letter;
	for (size_t i = 0; i < (OBJECT_ID_SIZE - 2) / 2; i++)
		snprintf(id + 1 + 2 * i, 3, "%02x", (unsigned char)digest[i]);
}

void
email_id(struct mailbox *b, struct message const *m, char id[OBJECT_ID_SIZE])
{
	make_id('M', mailbox_guid(b, m), id);
}

static void
give_guid(struct mailbox *b)
{
	if (!mailbox_lock(b) || !mailbox_read_list(b) ||
	    !uidlist_make_guid(&b->uids, b->dir))
		log_error("unable to give a GUID to",
		    *b->folder ? b->folder : "INBOX", errno);
	mailbox_unlock(b);
	b->dirty = true;
}

void
mailbox_id(struct mailbox *b, char id[OBJECT_ID_SIZE])
{
	struct bytes guid;
	(void)mailbox_read_list_header(b);
	if (!uidlist_mailbox_guid(&b->uids, &guid))
		give_guid(b);
	if (uidlist_mailbox_guid(&b->uids, &guid))
		make_id('F', guid, id);
	else
		snprintf(id, OBJECT_ID_SIZE, "V%u", (unsigned)b->validity);
}
