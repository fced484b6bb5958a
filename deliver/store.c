/* SPDX-License-Identifier: ISC */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "exitcode.h"
#include "log.h"
#include "maildir.h"
#include "room.h"
#include "subscriptions.h"
#include "warning.h"

/* --- failures ----------------------------------------------------------- */

struct cause {
	int errnum;
	char const *code;
	char const *text;
};

/* RFC 3463: what the sender's server is told; names no file of ours. */
static struct cause const causes[] = {
	{ ENOSPC, "4.3.1", "no space left for mail" },
	{ EDQUOT, "4.2.2", "mailbox is over its quota" },
	{ EFBIG, "4.3.1", "message is too large for the file system" },
	{ EINVAL, "4.3.5", "its mailbox path is not a relative path" },
	{ 0, "4.3.0", "mailbox cannot be written" },
};

/* One mailbox's copy. */
struct delivery {
	struct target *target;
	char const *folder; /* "" is the inbox */
	struct maildir_file file;
	struct room room;
};

/* The name of FILE in the delivery's mailbox, below virtual_mailbox_base. */
static char *
place(struct delivery const *d, char const *file)
{
	char *name;
	int n = asprintf(&name, "%s%s%s/%s", d->target->path,
	    *d->folder ? "/." : "", d->folder, file);
	return n < 0 ? NULL : name;
}

static void
log_failure(struct delivery const *d, char const *what, char const *file,
    int errnum)
{
	char *name = place(d, file);
	log_error(what, name ? name : d->target->path, errnum);
	free(name);
}

/* Logs what failed on FILE, and the target has failed. */
static int
failed(struct delivery *d, char const *what, char const *file, int errnum)
{
	struct cause const *c = causes;
	log_failure(d, what, file, errnum);
	while (c->errnum && c->errnum != errnum)
		c++;
	target_fail(d->target, EXIT_TEMP, c->code, c->text);
	return 0;
}

/* --- folders ------------------------------------------------------------ */

/* A folder that will not be there at the next try either; not when it is for
 * want of space, memory, descriptors, or of a disk that can be written. */
static bool
is_lasting(int errnum)
{
	switch (errnum) {
	case ENOTDIR:
	case EEXIST:
	case ELOOP:
	case EINVAL:
	case ENAMETOOLONG:
	case EACCES:
	case EPERM:
		return true;
	default:
		return false;
	}
}

/* A folder made here is subscribed, or its owner would not see it. */
static int
open_folder(struct delivery const *d, int rootfd)
{
	int fd = maildir_open_folder(rootfd, d->folder, false);
	bool is_new = fd < 0 && errno == ENOENT;
	if (fd >= 0)
		close(fd);
	fd = maildir_open_folder(rootfd, d->folder, true);
	if (fd >= 0 && is_new &&
	    !subscriptions_change(rootfd, d->folder, true)) {
		log_event("error", "what", "subscribe new folder", "object",
		    d->target->path, "folder", d->folder, "reason",
		    strerror(errno), (char *)NULL);
	}
	return fd;
}

/* --- first phase -------------------------------------------------------- */

/* DIRFD is taken over. 1, or 0 with errno. */
static int
write_file(struct store const *s, struct delivery *d, int dirfd)
{
	struct headers const *h = s->message;
	struct target const *t = d->target;
	stralloc top = STRALLOC_ZERO;
	if (!headers_prepend(h, s->sender, t->original, t->to, &top)) {
		stralloc_free(&top);
		close(dirfd);
		errno = ENOMEM;
		return 0;
	}
	struct iovec iov[1 + HEADERS_PIECES] = { { top.s, top.len } };
	headers_pieces(h, iov + 1);
	int ok = maildir_write(&d->file, dirfd, iov, 1 + HEADERS_PIECES, -1, 0);
	stralloc_free(&top);
	return ok;
}

static int
write_inbox(struct store const *s, struct delivery *d, int rootfd)
{
	d->folder = "";
	return write_file(s, d, rootfd) ||
	    failed(d, "write message", "tmp", errno);
}

/* Where the folder cannot be had, mail is not to be lost for it. */
static int
write_spam(struct store const *s, struct delivery *d, int rootfd)
{
	d->folder = s->settings->spam_folder;
	int fd = open_folder(d, rootfd);
	if (fd >= 0 && write_file(s, d, fd)) {
		close(rootfd);
		return 1;
	}
	if (is_lasting(errno)) {
		log_event("error", "what", "open spam folder", "object",
		    d->target->path, "folder", d->folder, "reason",
		    strerror(errno), "instead", "inbox", (char *)NULL);
		return write_inbox(s, d, rootfd);
	}
	int saved = errno;
	close(rootfd);
	return failed(d, "write message", "tmp", saved);
}

/* Room is looked for with the size that came, and taken with the one that was
 * written. */
static int
prepare(struct store const *s, struct delivery *d)
{
	struct target *t = d->target;
	int rootfd = maildir_open(s->basefd, t->path, true);
	if (rootfd < 0)
		return failed(d, "open mailbox", "", errno);
	if (!room_open(&d->room, t, rootfd, s->settings, s->message->len)) {
		close(rootfd);
		return 0;
	}
	bool spam = s->message->spam && *s->settings->spam_folder;
	if (!(spam ? write_spam(s, d, rootfd) : write_inbox(s, d, rootfd)))
		return 0;
	if (room_take(&d->room, t, s->settings, d->file.size))
		return 1;
	if (!maildir_abandon(&d->file))
		log_failure(d, "remove message", "tmp", errno);
	return 0;
}

/* --- both phases -------------------------------------------------------- */

static int
show(struct delivery *d)
{
	return maildir_show(&d->file, "new", "") ||
	    failed(d, "make message visible", "new", errno);
}

static int
sync_shown(struct delivery *d)
{
	if (!maildir_sync(&d->file))
		return failed(d, "sync", "new", errno);
	d->target->size = d->file.size;
	return 1;
}

/* A signal that ends us is heeded where nothing is half done. */
static bool
is_ending(void)
{
	sigset_t pending;
	return sigpending(&pending) == 0 &&
	    (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT) ||
	        sigismember(&pending, SIGHUP));
}

static void
hold_signals(void)
{
	sigset_t ending;
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, NULL);
}

/* Every mailbox gets its file in tmp/, or has failed. */
static int
prepare_all(struct store *s)
{
	for (size_t i = 0; i < s->count; i++) {
		if (is_ending()) {
			target_fail(s->all[i].target, EXIT_TEMP, "4.3.2",
			    "delivery was interrupted");
			return 0;
		}
		prepare(s, &s->all[i]);
	}
	return 1;
}

int
store_prepare(struct store *s, struct route *r)
{
	s->count = 0;
	s->all = calloc(route_count(r) + 1, sizeof *s->all);
	if (!s->all) {
		target_fail(route_target(r, 0), EXIT_TEMP, "4.3.0",
		    "no memory");
		return 0;
	}
	for (size_t i = 0; i < route_count(r); i++) {
		struct target *t = route_target(r, i);
		if (t->first == i && t->path && !t->status)
			s->all[s->count++] = (struct delivery){
				.target = t,
				.folder = "",
				.file = { .dirfd = -1, .subdirfd = -1 },
			};
	}
	hold_signals();
	return prepare_all(s);
}

/* Of those that did not fail before. */
static int
each(struct store *s, int (*step)(struct delivery *))
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->all[i].target->status && !step(&s->all[i]))
			return 0;
	return 1;
}

int
store_show(struct store *s)
{
	return each(s, show);
}

int
store_sync(struct store *s)
{
	return each(s, sync_shown);
}

/* What can still be seen still counts. */
static void
take_back(struct delivery *d)
{
	if (maildir_abandon(&d->file))
		room_give_back(&d->room);
	else
		log_failure(d, "take message back", "new", errno);
}

static void
finish(struct store const *s, struct delivery *d)
{
	d->target->file = place(d, d->file.path);
	warning_send(&d->room, d->target, s->settings);
	room_settle(&d->room, d->target);
	maildir_sweep(d->file.dirfd, time(NULL));
	maildir_close(&d->file);
}

void
store_finish(struct store *s, bool keep)
{
	for (size_t i = 0; i < s->count; i++) {
		struct delivery *d = &s->all[i];
		if (!keep)
			take_back(d);
		else if (!d->target->status)
			finish(s, d);
		room_close(&d->room);
	}
	free(s->all);
}
