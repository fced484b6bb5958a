/* SPDX-License-Identifier: ISC */
/* What a message's file says beyond its name. */
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { TRIES = 3 };

/* One look gives both dates. The file's change is the best there is to tell when
 * it came to this mailbox. */
static int
read_dates(struct mailbox *b, struct message *m)
{
	char path[FOLDER_NAME_MAX + 8];
	struct stat st;
	mailbox_path(b, m, path);
	if (fstatat(b->dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	m->date = st.st_mtim.tv_sec;
	m->has_date = true;
	if (!m->has_saved)
		m->saved = st.st_ctim.tv_sec;
	m->has_saved = true;
	return 1;
}

/* Also where another program has just renamed it. */
static int
find_dates(struct mailbox *b, struct message *m)
{
	for (int i = 0; i < TRIES && !m->gone; i++) {
		if (read_dates(b, m))
			return 1;
		if (errno != ENOENT || !mailbox_look_again(b, &m))
			return 0;
	}
	errno = ENOENT;
	return 0;
}

int
mailbox_date(struct mailbox *b, struct message *m, int64_t *t)
{
	uint32_t uid = m->uid;
	if (!m->has_date && !find_dates(b, m))
		return 0;
	*t = mailbox_find(b, uid)->date;
	return 1;
}

int
mailbox_saved(struct mailbox *b, struct message *m, int64_t *t)
{
	uint32_t uid = m->uid;
	if (!m->has_saved && !find_dates(b, m))
		return 0;
	*t = mailbox_find(b, uid)->saved;
	return 1;
}

struct bytes
mailbox_guid(struct mailbox const *b, struct message const *m)
{
	struct uid_record const *r = uidlist_record(&b->uids, m->uid);
	if (r)
		return uidlist_guid(&b->uids, r);
	return (struct bytes){ mailbox_name(b, m), m->base };
}
