/* SPDX-License-Identifier: ISC */
/* NOTIFY: which mailboxes there are. */
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "maildir.h"
#include "metadata.h"
#include "special-use.h"

struct notified *
notify_find(struct notify *n, char const *folder)
{
	for (size_t i = 0; i < n->folder_count; i++)
		if (n->folders[i].used &&
		    strcmp(n->folders[i].name, folder) == 0)
			return &n->folders[i];
	return NULL;
}

/* A free slot; they keep their places, which own watches. NULL with errno. */
static struct notified *
new_slot(struct notify *n, char const *folder)
{
	size_t i = 0;
	while (i < n->folder_count && n->folders[i].used)
		i++;
	if (i == NOTIFY_FOLDERS_MAX) {
		errno = ENOSPC;
		return NULL;
	}
	if (i == n->folder_count)
		n->folder_count++;
	struct notified *f = &n->folders[i];
	memset(f, 0, sizeof *f);
	f->used = true;
	memcpy(f->name, folder, strlen(folder) + 1);
	return f;
}

static uint32_t
owner_of(struct notify const *n, struct notified const *f)
{
	return WATCH_FOLDERS + 2 * (uint32_t)(f - n->folders);
}

static void
free_slot(struct notify *n, struct notified *f)
{
	watch_remove(&n->watch, owner_of(n, f));
	watch_remove(&n->watch, owner_of(n, f) + 1);
	stralloc_free(&f->digest);
	f->used = false;
}

static ino_t
inode_of(struct session *s, char const *folder)
{
	char path[NAME_MAX_DISK + 8];
	struct stat st;
	snprintf(path, sizeof path, ".%s", folder);
	if (!*folder || fstatat(s->root, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return st.st_ino;
}

/* No more can be watched; anything else is a fault of one mailbox. */
static bool
is_limit(int why)
{
	return why == ENOSPC || why == EMFILE || why == ENFILE || why == ENOMEM;
}

/* Its messages and, where that is not the root, which is watched anyway, its
 * annotations. What has gone meanwhile will show as gone; what cannot be opened
 * is left alone. */
static int
watch(struct session *s, struct notify *n, struct notified *f)
{
	int ok = 1;
	int dir = maildir_open_folder(s->root, f->name, false);
	if (dir < 0)
		return !is_limit(errno);
	if (f->events & NOTIFY_MESSAGES)
		ok = watch_mailbox(&n->watch, dir, owner_of(n, f));
	if (ok && f->events & NOTIFY_METADATA && *f->name)
		ok = watch_add(&n->watch, dir, ".",
		    IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM,
		    owner_of(n, f) + 1);
	f->watched = ok;
	ok = ok || !is_limit(errno);
	int saved = errno;
	close(dir);
	errno = saved;
	return ok;
}

/* What the list says of one mailbox. */
static int
compare_one(struct session *s, struct notify *n, struct folder const *f,
    bool tell)
{
	unsigned events = notify_events(n, f->name, f->subscribed);
	struct notified *slot = notify_find(n, f->name);
	if (!slot && !events)
		return 1;
	if (!slot && !(slot = new_slot(n, f->name)))
		return 0;
	ino_t inode = f->exists ? inode_of(s, f->name) : 0;
	bool same = slot->exists && slot->inode == inode;
	slot->seen = true;
	slot->appeared = f->exists && !same;
	slot->vanished = slot->exists && !f->exists;
	slot->subscription = slot->subscribed != f->subscribed;
	slot->exists = f->exists;
	slot->subscribed = f->subscribed;
	slot->inode = f->exists ? inode : slot->inode;
	slot->watched = slot->watched && same && slot->events == events;
	slot->events = events;
	if (!f->exists || slot->watched)
		return 1;
	slot->dirty = slot->annotations = tell;
	return watch(s, n, slot);
}

/* The slots of names that the list has no more. */
static void
mark_unseen(struct notify *n)
{
	for (size_t i = 0; i < n->folder_count; i++) {
		struct notified *f = &n->folders[i];
		if (!f->used || f->seen)
			continue;
		f->vanished = f->exists;
		f->subscription = f->subscribed;
		f->appeared = f->exists = f->subscribed = false;
	}
}

static void
find_renamed(struct notify *n)
{
	for (size_t i = 0; i < n->folder_count; i++) {
		struct notified *f = &n->folders[i];
		f->old = NULL;
		for (size_t k = 0;
		     k < n->folder_count && f->used && f->appeared && f->inode;
		     k++) {
			struct notified *old = &n->folders[k];
			if (old->used && old->vanished &&
			    old->inode == f->inode)
				f->old = old;
		}
	}
}

/* Whether it was renamed only because one above it was. */
static bool
moved_along(struct notify *n, struct notified const *f)
{
	char name[NAME_MAX_DISK + 1];
	if (!f->old)
		return false;
	memcpy(name, f->name, sizeof name);
	for (char *dot; (dot = strrchr(name, '.'));) {
		*dot = 0;
		struct notified const *above = notify_find(n, name);
		if (!above || !above->old)
			continue;
		size_t was = strlen(above->old->name);
		return strncmp(f->old->name, above->old->name, was) == 0 &&
		    strcmp(f->old->name + was, f->name + strlen(name)) == 0;
	}
	return false;
}

bool
notify_is_own(struct notify const *n, char const *folder)
{
	for (size_t i = 0; i < n->own.len; i += strlen(n->own.s + i) + 1)
		if (strcmp(n->own.s + i, folder) == 0)
			return true;
	return false;
}

static bool
is_source(struct notify const *n, struct notified const *f)
{
	for (size_t i = 0; i < n->folder_count; i++)
		if (n->folders[i].used && n->folders[i].old == f)
			return true;
	return false;
}

static void
tell_one(struct session *s, struct notify *n, struct folder_list const *l,
    struct notified const *f)
{
	struct folder gone = { .exists = false };
	bool named = f->events & NOTIFY_NAME &&
	    ((f->appeared && !moved_along(n, f)) ||
	        (f->vanished && !is_source(n, f)));
	if (notify_is_own(n, f->name) ||
	    (f->old && notify_is_own(n, f->old->name)) ||
	    (!named && !(f->subscription && f->events & NOTIFY_SUBSCRIPTION)))
		return;
	struct folder const *known = folders_find(l, f->name);
	memcpy(gone.name, f->name, sizeof gone.name);
	put_list(s, known ? known : &gone, f->old ? f->old->name : NULL);
}

static void
tell_all(struct session *s, struct notify *n, struct folder_list const *l)
{
	find_renamed(n);
	for (size_t i = 0; i < n->folder_count; i++)
		if (n->folders[i].used)
			tell_one(s, n, l, &n->folders[i]);
}

static int
read_list(struct session *s, struct folder_list *l)
{
	stralloc names = STRALLOC_ZERO;
	int ok = folders_read(l, s->root) &&
	    folders_subscribed(s->root, &names) &&
	    folders_add(l, names.s, names.len);
	if (ok) {
		folders_mark_subscribed(l, names.s, names.len);
		special_use_read(l, s->root, s->spam_folder);
	}
	int saved = errno;
	stralloc_free(&names);
	errno = saved;
	return ok;
}

int
notify_compare(struct session *s, struct notify *n, bool tell)
{
	struct folder_list l = { NULL, 0, 0 };
	for (size_t i = 0; i < n->folder_count; i++)
		n->folders[i].seen = n->folders[i].appeared =
		    n->folders[i].vanished = n->folders[i].subscription = false;
	int ok = read_list(s, &l);
	for (size_t i = 0; i < l.count && ok; i++)
		ok = compare_one(s, n, &l.folders[i], tell);
	int saved = errno;
	if (ok) {
		mark_unseen(n);
		if (tell)
			tell_all(s, n, &l);
		for (size_t i = 0; i < n->folder_count; i++)
			if (n->folders[i].used && !n->folders[i].seen)
				free_slot(n, &n->folders[i]);
	}
	folders_free(&l);
	errno = saved;
	return ok;
}
