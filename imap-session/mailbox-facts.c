/* SPDX-License-Identifier: ISC */
/* What a message's file says beyond its name. It is found out when it is asked
 * for, and kept in the index. */
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "maildir.h"
#include "mailbox-parts.h"

/* RFC822.SIZE stands in the name; it counts only if the stored size, which
 * stands beside it, is right. */
static uint64_t
named_size(char const *name, struct message const *m, struct stat const *st)
{
	uint64_t stored;
	uint64_t size;
	return maildir_name_field(name, m->base, 'S', &stored) &&
	        maildir_name_field(name, m->base, 'W', &size) &&
	        size >= stored && (uint64_t)st->st_size == stored
	    ? size
	    : 0;
}

static void
learned(struct mailbox *b, struct message *m)
{
	b->learned += !m->learned;
	m->learned = true;
}

void
mailbox_take_facts(struct message *m, char const *name, struct stat const *st)
{
	if (!m->size)
		m->size = named_size(name, m, st);
	m->date = st->st_mtim.tv_sec;
	/* What has just been moved out of new/ came when it was written; else
	 * the file's last change is the best there is to tell. */
	if (!m->has_saved)
		m->saved = m->recent ? m->date : st->st_ctim.tv_sec;
	m->has_date = m->has_saved = true;
}

int
mailbox_learn(struct mailbox *b, struct message *m)
{
	char path[FOLDER_NAME_MAX + 8];
	struct stat st;
	mailbox_path(b, m, path);
	if (fstatat(b->dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	mailbox_take_facts(m, mailbox_name(b, m), &st);
	learned(b, m);
	return 1;
}

void
mailbox_learn_size(struct mailbox *b, struct message *m, uint64_t size)
{
	m->size = size;
	learned(b, m);
}

/* Also where another program has just renamed it. */
static struct message *
find(struct mailbox *b, struct message *m)
{
	for (int i = 0; i < MAILBOX_TRIES && !m->gone; i++) {
		if (mailbox_learn(b, m))
			return m;
		if (errno != ENOENT || !mailbox_look_again(b, &m))
			return NULL;
	}
	errno = ENOENT;
	return NULL;
}

int
mailbox_date(struct mailbox *b, struct message *m, int64_t *t)
{
	if (!m->has_date && !(m = find(b, m)))
		return 0;
	*t = m->date;
	return 1;
}

int
mailbox_saved(struct mailbox *b, struct message *m, int64_t *t)
{
	if (!m->has_saved && !(m = find(b, m)))
		return 0;
	*t = m->saved;
	return 1;
}

/* The item G of the list of UIDs, which need not have been read so far. */
struct bytes
mailbox_guid(struct mailbox *b, struct message const *m)
{
	(void)mailbox_read_list(b);
	struct uid_record const *r = uidlist_record(&b->uids, m->uid);
	if (r)
		return uidlist_guid(&b->uids, r);
	return (struct bytes){ mailbox_name(b, m), m->base };
}

/* --- into the index ------------------------------------------------------- */

void
mailbox_keep_facts(struct mailbox *b)
{
	if (!b->learned || !b->keeps_index || !b->shown || b->locked ||
	    b->index.fd < 0 || !mailbox_try_lock(b))
		return;
	for (uint32_t i = 0; i < b->count && b->in_step; i++) {
		struct message *m = &b->messages[i];
		if (m->learned && !m->gone)
			mailbox_note_facts(b, m);
		m->learned = false;
	}
	b->learned = 0;
	mailbox_unlock(b);
}
