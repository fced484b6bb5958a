/* SPDX-License-Identifier: ISC */
/* The view: which messages there are, and by what names. */
#include "mailbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "array.h"
#include "maildir.h"
#include "mailbox-parts.h"

int
mailbox_open(struct mailbox *b, int root, char const *folder, bool writable)
{
	memset(b, 0, sizeof *b);
	uidlist_init(&b->uids);
	b->root = root;
	b->index.fd = -1;
	b->writable = writable;
	b->keeps_index = true;
	b->dirty = true;
	if (strlen(folder) > FOLDER_NAME_MAX) {
		b->dir = -1;
		errno = ENAMETOOLONG;
		return 0;
	}
	memcpy(b->folder, folder, strlen(folder) + 1);
	b->dir = maildir_open_folder(root, folder, false);
	if (b->dir >= 0)
		(void)maildir_mend(b->dir); /* whoever needs it will see */
	return b->dir >= 0;
}

void
mailbox_close(struct mailbox *b)
{
	if (b->dir < 0)
		return;
	mailbox_keep_facts(b);
	mailbox_unlock(b);
	mailbox_close_index(b);
	stralloc_free(&b->index.changes);
	uidlist_clear(&b->uids);
	scan_free(&b->scan);
	free(b->messages);
	free(b->vanished);
	stralloc_free(&b->names);
	close(b->dir);
	b->messages = NULL;
	b->vanished = NULL;
	b->count = b->told = 0;
	b->room = 0;
	b->relook = 0;
	b->dirty = false;
	b->dir = -1;
}

char const *
mailbox_label(struct mailbox const *b)
{
	return *b->folder ? b->folder : "INBOX";
}

/* --- lookup ------------------------------------------------------------- */

uint32_t
mailbox_lower_bound(struct mailbox const *b, uint32_t uid)
{
	uint32_t low = 0;
	uint32_t high = b->count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (b->messages[mid].uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct message *
mailbox_find(struct mailbox *b, uint32_t uid)
{
	uint32_t i = mailbox_lower_bound(b, uid);
	return i < b->count && b->messages[i].uid == uid ? &b->messages[i]
	                                                 : NULL;
}

struct message *
mailbox_insert(struct mailbox *b, uint32_t uid)
{
	uint32_t i = mailbox_lower_bound(b, uid);
	if (i < b->count && b->shown) {
		b->hides = true;
		return NULL;
	}
	bool was_here = i < b->count && b->messages[i].uid == uid;
	if (!was_here && !mailbox_grow(b))
		return NULL;
	struct message *m = &b->messages[i];
	if (!was_here)
		memmove(m + 1, m, (b->count - 1 - i) * sizeof *m);
	memset(m, 0, sizeof *m);
	m->uid = uid;
	return m;
}

struct message *
mailbox_grow(struct mailbox *b)
{
	void *p = array_grow(b->messages, b->count, sizeof *b->messages,
	    MESSAGES_MAX, &b->room);
	if (!p)
		return NULL;
	b->messages = p;
	struct message *m = &b->messages[b->count++];
	memset(m, 0, sizeof *m);
	return m;
}

void
mailbox_lose(struct mailbox *b, struct message *m)
{
	if (m->gone)
		return;
	m->gone = true;
	mailbox_note_vanished(b, m->uid, m->uid);
}

void
mailbox_forget(struct mailbox *b)
{
	uint32_t out = 0;
	uint32_t told = 0;
	for (uint32_t i = 0; i < b->count; i++) {
		if (b->messages[i].gone)
			continue;
		told += i < b->told;
		if (out != i)
			b->messages[out] = b->messages[i];
		out++;
	}
	b->count = out;
	b->told = told;
}

/* --- names -------------------------------------------------------------- */

/* A name no file of a mailbox has, as long as any: what is asked of it fails with
 * ENOENT, and the look that follows brings the right one. */
static char const no_name[FOLDER_NAME_MAX + 1] = ":";

/* From the index into memory. */
static bool
fetch_name(struct mailbox *b, struct message *m)
{
	char name[FOLDER_NAME_MAX + 1];
	size_t at = b->names.len;
	if (at > UINT32_MAX - sizeof name || !mailbox_read_name(b, m, name) ||
	    !stralloc_catb(&b->names, name, m->len + 1U)) {
		b->dirty = b->index.damaged = b->index.lags = true;
		return false;
	}
	m->name = (uint32_t)at;
	m->in_index = false;
	return true;
}

char const *
mailbox_name(struct mailbox *b, struct message const *m)
{
	/* What the name of one that is gone was read into may be gone, too. */
	if (m->gone ||
	    (m->in_index && !fetch_name(b, &b->messages[m - b->messages])))
		return no_name;
	return b->names.s + m->name;
}

void
mailbox_file_path(bool in_new, char const *name, char path[FOLDER_NAME_MAX + 8])
{
	snprintf(path, FOLDER_NAME_MAX + 8, "%s/%s", in_new ? "new" : "cur",
	    name);
}

void
mailbox_path(struct mailbox *b, struct message const *m,
    char path[FOLDER_NAME_MAX + 8])
{
	mailbox_file_path(m->in_new, mailbox_name(b, m), path);
}
