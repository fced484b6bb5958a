/* SPDX-License-Identifier: ISC */
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "log.h"
#include "maildir.h"
#include "metadata.h"

enum {
	TRY_AGAIN = 50, /* milliseconds: mailboxes being made, moved */
	TRIES = 100,
	POSTPONED_MAX = 10,
	RELOOK = 1000
};

/* --- other mailboxes ------------------------------------------------------ */

static void
tell_annotations(struct session *s, struct notified *f, bool tell)
{
	struct folder folder = { .exists = true };
	memcpy(folder.name, f->name, sizeof folder.name);
	f->annotations = false;
	if (f->exists && f->events & NOTIFY_METADATA)
		notify_annotations(s, &folder, &f->digest, tell);
}

static unsigned
first_items(struct session const *s, struct notified const *f)
{
	if (!(f->events & NOTIFY_FLAGS))
		return status_items("(MESSAGES UIDNEXT UIDVALIDITY)");
	(void)s;
	return status_items(
	    "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)");
}

static unsigned
changed_items(struct session const *s, struct notified const *f,
    struct counts const *now)
{
	struct counts const *was = &f->told;
	unsigned items = 0;
	if (now->messages != was->messages || now->next != was->next)
		items |= status_items("(UIDNEXT MESSAGES)");
	if (f->events & NOTIFY_FLAGS && now->unseen != was->unseen)
		items |= status_items("(UNSEEN)");
	if (now->validity != was->validity)
		items |= status_items("(UIDVALIDITY UIDNEXT MESSAGES)");
	if (!(s->enabled & ENABLED_CONDSTORE))
		return items;
	if (items)
		items |= status_items("(HIGHESTMODSEQ)");
	else if (f->events & NOTIFY_FLAGS &&
	    now->highest_modseq != was->highest_modseq)
		items |= status_items("(HIGHESTMODSEQ UIDVALIDITY)");
	return items;
}

static void
tell_messages(struct session *s, struct notified *f)
{
	struct counts now;
	f->dirty = false;
	if (!f->exists || !(f->events & NOTIFY_MESSAGES))
		return;
	if (!status_count(s, f->name, 0, &now)) {
		if (errno != ENOENT && errno != ESTALE)
			log_error("unable to count", f->name, errno);
		return;
	}
	unsigned items = changed_items(s, f, &now);
	f->told = now;
	if (items)
		status_put(s, f->name, items, &now);
}

/* --- the selected mailbox ------------------------------------------------- */

static bool
is_selected(struct session const *s, char const *folder)
{
	return session_selected(s) && strcmp(s->box.folder, folder) == 0;
}

/* Others' changes of it are told as they are to a command that allows it; what
 * was not asked for waits for one. */
static void
tell_selected(struct session *s, struct notify *n, bool idle)
{
	bool uid = s->uid;
	n->in_selected = false;
	if (!session_selected(s) || !(n->selected & NOTIFY_NEW))
		return;
	s->uid = true; /* RFC 5465 section 5.1 */
	s->quiet_flags = !(n->selected & NOTIFY_FLAGS);
	session_update(s, !n->delayed || idle);
	s->quiet_flags = false;
	s->uid = uid;
}

/* The mailbox that is selected now is watched; what happened before counts. */
static void
watch_selected(struct session *s, struct notify *n)
{
	bool wanted = session_selected(s) && n->selected;
	if (wanted && n->selected_watched &&
	    strcmp(n->selected_name, s->box.folder) == 0)
		return;
	if (n->selected_watched)
		watch_remove(&n->watch, WATCH_SELECTED);
	n->selected_watched = wanted;
	if (!wanted)
		return;
	memcpy(n->selected_name, s->box.folder, strlen(s->box.folder) + 1);
	struct notified const *f = notify_find(n, s->box.folder);
	bool shared = f && f->watched && f->events & NOTIFY_MESSAGES;
	if (!shared)
		(void)watch_mailbox(&n->watch, s->box.dir, WATCH_SELECTED);
	n->in_selected = true;
}

void
session_notify_new(struct session *s, uint32_t first)
{
	struct notify *n = s->notify;
	if (n->fetch && n->selected & NOTIFY_NEW)
		fetch_range(s, n->fetch, first, s->box.told);
}

/* --- events --------------------------------------------------------------- */

/* In the Maildir itself, which is INBOX's directory too. */
static void
note_root(struct notify *n, char const *name)
{
	struct notified *inbox = notify_find(n, "");
	if (strcmp(name, "subscriptions") == 0) {
		n->names = true;
	} else if (strcmp(name, METADATA_SERVER_FILE) == 0) {
		n->server = true;
	} else if (strcmp(name, METADATA_FILE) == 0 && inbox) {
		inbox->annotations = true;
	} else if (name[0] == '.' &&
	    name_is_folder(name + 1, strlen(name) - 1)) {
		n->names = true;
		memcpy(n->unfinished, name + 1, strlen(name));
		n->tries = TRIES;
	}
}

static void
note(struct session *s, struct notify *n, struct watch_event const *e)
{
	if (e->owner == WATCH_ROOT) {
		note_root(n, e->name);
	} else if (e->owner == WATCH_SELECTED) {
		n->in_selected = true;
		n->selected_watched = n->selected_watched && !e->lost;
	} else {
		uint32_t at = e->owner - WATCH_FOLDERS;
		struct notified *f = &n->folders[at / 2];
		if (at % 2 && strcmp(e->name, METADATA_FILE) == 0)
			f->annotations = true;
		else if (at % 2 == 0)
			f->dirty = true;
		if (is_selected(s, f->name))
			n->in_selected = true;
		if (e->lost) {
			f->watched = false;
			n->names = true;
		}
	}
}

static void
note_all(struct notify *n)
{
	n->names = n->server = n->in_selected = true;
	for (size_t i = 0; i < n->folder_count; i++)
		n->folders[i].dirty = n->folders[i].annotations = true;
}

/* A directory without cur/ is no mailbox yet. */
static bool
is_unfinished(struct session *s, struct notify *n)
{
	char path[NAME_MAX_DISK + 8];
	struct stat st;
	snprintf(path, sizeof path, ".%s", n->unfinished);
	if (!n->tries || folder_exists(s->root, n->unfinished) ||
	    fstatat(s->root, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		n->tries = 0;
		return false;
	}
	n->tries--;
	n->names = true;
	return true;
}

static void
overflow(struct session *s)
{
	log_error("unable to watch the mailboxes of", s->user, errno);
	wire_line(&s->wire,
	    "* OK [NOTIFICATIONOVERFLOW] Too many mailboxes, no more notices");
	session_notify_end(s);
	/* As after NOTIFY NONE. */
	s->notify = calloc(1, sizeof *s->notify);
	if (s->notify)
		s->notify->watch.fd = -1;
}

static void
tell_others(struct session *s, struct notify *n)
{
	for (size_t i = 0; i < n->folder_count; i++) {
		struct notified *f = &n->folders[i];
		if (f->used && f->dirty && !is_selected(s, f->name))
			tell_messages(s, f);
		if (f->used && f->annotations)
			tell_annotations(s, f, !notify_is_own(n, f->name));
	}
	if (n->server)
		notify_annotations(s, NULL, &n->server_digest, true);
	n->server = false;
}

void
session_notify(struct session *s, enum notify_when when)
{
	struct notify *n = s->notify;
	struct watch_event e;
	if (!n || n->watch.fd < 0)
		return;
	bool fresh = false;
	while (watch_next(&n->watch, &e)) {
		if (e.all)
			note_all(n);
		else
			note(s, n, &e);
		fresh = true;
	}
	/* One RENAME may move many directories: it is told as a whole. */
	bool wait = fresh && when != NOTIFY_IN_COMMAND &&
	    n->postponed++ < POSTPONED_MAX;
	if (n->names && !wait) {
		n->names = false;
		n->postponed = 0;
		if (!notify_compare(s, n, true)) {
			overflow(s);
			return;
		}
		is_unfinished(s, n);
	}
	tell_others(s, n);
	if (!n->names)
		n->own.len = 0;
	if (when != NOTIFY_IN_COMMAND &&
	    (n->in_selected || (session_selected(s) && s->box.relook) ||
	        (s->held && when == NOTIFY_IN_IDLE)))
		tell_selected(s, n, when == NOTIFY_IN_IDLE);
}

int
session_notify_fd(struct session *s)
{
	struct notify *n = s->notify;
	if (!n || n->watch.fd < 0)
		return -1;
	watch_selected(s, n);
	return n->watch.fd;
}

int
session_notify_timeout(struct session const *s, int most)
{
	struct notify const *n = s->notify;
	if (!n || n->watch.fd < 0)
		return most;
	if (n->in_selected)
		return 0;
	if (n->names)
		return TRY_AGAIN;
	bool again = session_selected(s) && n->selected && s->box.relook;
	return again && most > RELOOK ? RELOOK : most;
}

void
session_notify_own(struct session *s, char const *folder)
{
	if (s->notify &&
	    !stralloc_catb(&s->notify->own, folder, strlen(folder) + 1))
		s->notify->own.len = 0; /* it is told then */
}

/* --- begin and end -------------------------------------------------------- */

static bool
wants(struct notify const *n, unsigned events)
{
	for (unsigned i = 0; i < n->count; i++)
		if (n->groups[i].events & events)
			return true;
	return false;
}

/* What it knows at first; told where the client asked for it. */
static void
first_look(struct session *s, struct notify *n, struct notified *f)
{
	unsigned items = first_items(s, f);
	f->dirty = false;
	tell_annotations(s, f, false);
	if (!f->exists || !(f->events & NOTIFY_MESSAGES) ||
	    !status_count(s, f->name, items, &f->told))
		return;
	if (n->status && !is_selected(s, f->name))
		status_put(s, f->name, items, &f->told);
}

int
notify_start(struct session *s, struct notify *n)
{
	n->folders = calloc(NOTIFY_FOLDERS_MAX, sizeof *n->folders);
	if (!n->folders || !watch_open(&n->watch) ||
	    !watch_add(&n->watch, s->root, ".", WATCH_FILES, WATCH_ROOT) ||
	    !notify_compare(s, n, false))
		return 0;
	if (wants(n, NOTIFY_SERVER_METADATA))
		notify_annotations(s, NULL, &n->server_digest, false);
	for (size_t i = 0; i < n->folder_count; i++)
		if (n->folders[i].used)
			first_look(s, n, &n->folders[i]);
	return 1;
}

void
notify_free(struct notify *n)
{
	for (unsigned i = 0; i < n->count; i++)
		stralloc_free(&n->groups[i].names);
	for (size_t i = 0; i < n->folder_count; i++)
		stralloc_free(&n->folders[i].digest);
	if (n->fetch)
		fetch_free(n->fetch);
	free(n->fetch);
	watch_close(&n->watch);
	free(n->folders);
	stralloc_free(&n->server_digest);
	stralloc_free(&n->own);
	free(n);
}

void
session_notify_end(struct session *s)
{
	if (s->notify)
		notify_free(s->notify);
	s->notify = NULL;
}

static answer
start(struct session *s, struct notify *n)
{
	if (!n->count || notify_start(s, n))
		return NULL;
	if (errno != ENOSPC && errno != EMFILE)
		log_error("unable to watch the mailboxes of", s->user, errno);
	return "NO [NOTIFICATIONOVERFLOW] Too many mailboxes to watch";
}

answer
cmd_notify(struct session *s, struct cursor *c)
{
	struct notify *n = calloc(1, sizeof *n);
	if (!n)
		return ANSWER_NO_MEMORY;
	n->watch.fd = -1;
	answer failed = notify_parse(s, c, n);
	if (!failed)
		failed = start(s, n);
	if (failed) {
		notify_free(n);
		return failed;
	}
	session_notify_end(s);
	s->notify = n;
	return "OK NOTIFY completed";
}
