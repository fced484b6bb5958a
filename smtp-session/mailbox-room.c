/* SPDX-License-Identifier: ISC */
#include "mailbox-room.h"

#include <fcntl.h>
#include <unistd.h>

#include "maildir.h"
#include "policy.h"
#include "quota-file.h"
#include "reply.h"

/* PATH below virtual_mailbox_base, with NUL. -1: deliver's to make or to
 * complain of. */
static int
open_mailbox(struct settings const *settings, char const *path)
{
	int base = open(settings->virtual_mailbox_base,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (base < 0)
		return -1;
	int fd = maildir_open(base, path, false);
	close(base);
	return fd;
}

static bool
is_full(int root, struct quota_limit const *limit, uint64_t size,
    uint64_t grace)
{
	struct quota q;
	bool full = quota_look(&q, root, "", limit) && q.certain &&
	    !quota_has_room(limit, &q.used, size, 1, grace);
	quota_close(&q);
	return full;
}

char const *
mailbox_room(struct smtp_back *b, struct lookup_result const *mailbox)
{
	struct settings const *settings = b->common.settings;
	struct mail_options const *o = &b->mail.options;
	uint64_t size = o->has_size && o->size ? o->size : 1;
	stralloc path = STRALLOC_ZERO;
	if (!quota_limit_is_any(&mailbox->quota))
		return NULL;
	int root = stralloc_copy(&path, &mailbox->path) && stralloc_0(&path)
	    ? open_mailbox(settings, path.s)
	    : -1;
	bool full = root >= 0 &&
	    is_full(root, &mailbox->quota, size, settings->quota_grace);
	if (root >= 0)
		close(root);
	stralloc_free(&path);
	if (!full)
		return NULL;
	return policy_refuse(b, "virtual_mailbox_limit",
	    settings->quota_full_tempfail ? REPLY_FULL_LATER : REPLY_FULL);
}
