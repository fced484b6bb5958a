/* SPDX-License-Identifier: ISC */
/* What this process changes in a mailbox, under the lock. */
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "file.h"
#include "flags.h"
#include "maildir.h"
#include "mailbox-parts.h"

static int
rename_message(struct mailbox *b, struct message *m, uint32_t flags)
{
	char from[FOLDER_NAME_MAX + 8];
	char to[FOLDER_NAME_MAX + 8];
	stralloc name = STRALLOC_ZERO;
	/* The rename changes what tells when it was saved. */
	if (!m->has_saved)
		mailbox_learn(b, m);
	if (!flags_rename(mailbox_name(b, m), m->len, flags, &name))
		return 0;
	int ok = 0;
	if (name.len > FOLDER_NAME_MAX) {
		errno = ENAMETOOLONG;
	} else {
		mailbox_path(b, m, from);
		mailbox_file_path(false, name.s, to);
		size_t at = b->names.len;
		ok = stralloc_catb(&b->names, name.s, name.len + 1) &&
		    mailbox_rename_file(b->dir, from, to);
		if (ok) {
			m->name = (uint32_t)at;
			index_take_name(m, name.s, name.len);
			m->in_index = false;
			m->in_new = m->judged = false;
			m->modseq = mailbox_next_modseq(b);
			mailbox_note_message(b, m);
		}
	}
	int saved = errno;
	stralloc_free(&name);
	errno = saved;
	return ok;
}

int
mailbox_set_flags(struct mailbox *b, struct message *m, uint32_t flags)
{
	uint32_t add = flags & ~m->flags;
	uint32_t drop = m->flags & ~flags;
	for (int i = 0; i < MAILBOX_TRIES && !m->gone; i++) {
		uint32_t wanted = (m->flags | add) & ~drop;
		if (wanted == m->flags || rename_message(b, m, wanted))
			return 1;
		if (errno != ENOENT || !mailbox_look_again(b, &m))
			return 0;
	}
	errno = ENOENT;
	return 0;
}

uint64_t
mailbox_stored_size(struct mailbox *b, struct message const *m)
{
	char path[FOLDER_NAME_MAX + 8];
	struct stat st;
	uint64_t size;
	if (maildir_name_field(mailbox_name(b, m), m->base, 'S', &size))
		return size;
	mailbox_path(b, m, path);
	if (fstatat(b->dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return (uint64_t)st.st_size;
}

struct quota_usage
mailbox_take_removed(struct mailbox *b)
{
	struct quota_usage removed = b->removed;
	b->removed = (struct quota_usage){ 0, 0 };
	return removed;
}

int
mailbox_remove(struct mailbox *b, struct message *m)
{
	for (int i = 0; i < MAILBOX_TRIES && !m->gone; i++) {
		char path[FOLDER_NAME_MAX + 8];
		uint64_t size = mailbox_stored_size(b, m);
		mailbox_path(b, m, path);
		if (unlinkat(b->dir, path, 0) == 0) {
			mailbox_lose(b, m);
			b->removed.bytes += size;
			b->removed.messages++;
			return 1;
		}
		if (errno != ENOENT || !mailbox_look_again(b, &m))
			return 0;
	}
	errno = ENOENT;
	return 0;
}

int
mailbox_settle(struct mailbox *b)
{
	int fd = openat(b->dir, "cur", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	int ok = file_sync(fd);
	close(fd);
	mailbox_note_changes(b);
	return ok;
}

/* Keywords without a line of their own keep their letters out of reach, which
 * only a look at the messages tells. */
uint32_t
mailbox_keyword(struct mailbox *b, char const *name, size_t len)
{
	uint32_t bit = keywords_find(&b->keywords, name, len);
	if (bit)
		return bit;
	if (!b->loaded && !mailbox_sync(b))
		return 0;
	uint32_t used = 0;
	for (uint32_t i = 0; i < b->count; i++)
		used |= b->messages[i].flags;
	bit = keywords_add(&b->keywords, b->dir, used, name, len);
	if (bit)
		b->keywords_changed = true;
	return bit;
}

int
mailbox_open_message(struct mailbox *b, struct message *m)
{
	for (int i = 0; i < MAILBOX_TRIES && !m->gone; i++) {
		char path[FOLDER_NAME_MAX + 8];
		mailbox_path(b, m, path);
		int fd = file_open(b->dir, path, O_RDONLY);
		if (fd >= 0)
			return fd;
		if (errno != ENOENT || !mailbox_look_again(b, &m))
			return -1;
	}
	errno = ENOENT;
	return -1;
}

/* --- messages that were put there ------------------------------------------ */

/* A message as its path tells. */
static bool
of_path(struct message *m, char const *name, uint32_t uid)
{
	size_t len = strlen(name);
	memset(m, 0, sizeof *m);
	if (!len || len > FOLDER_NAME_MAX)
		return false;
	m->uid = uid;
	index_take_name(m, name, len);
	return true;
}

void
mailbox_add(struct mailbox *b, uint32_t uid, char const *path)
{
	struct message m;
	struct stat st;
	char const *name = path + 4; /* "cur/", "new/" */
	b->gave_uids = true;
	if (!b->in_step || !of_path(&m, name, uid) ||
	    fstatat(b->dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		b->dirty = true;
		b->in_step = false;
		return;
	}
	m.in_new = path[0] == 'n';
	m.modseq = mailbox_next_modseq(b);
	mailbox_take_facts(&m, name, &st);
	m.saved = time(NULL);
	mailbox_note_named(b, &m, name);
	if (!b->loaded)
		return;
	struct message *in_view = NULL;
	size_t at = b->names.len;
	if (at <= UINT32_MAX - FOLDER_NAME_MAX &&
	    stralloc_catb(&b->names, name, m.len + 1U))
		in_view = mailbox_grow(b);
	if (!in_view) {
		b->dirty = true;
		return;
	}
	*in_view = m;
	in_view->name = (uint32_t)at;
	in_view->recent = m.in_new;
	b->has_new = b->has_new || m.in_new;
}
