/* SPDX-License-Identifier: ISC */
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "flags.h"
#include "maildir.h"

enum { TRIES = 20 };

/* A message that has a link in the target's cur/. */
struct linked {
	uint32_t number; /* in the source */
	uint32_t uid;    /* in the target */
	uint64_t size;
	char name[FOLDER_NAME_MAX + 8];
};

struct job {
	struct copied *t;
	struct mailbox *from;
	struct mailbox *to; /* may be FROM itself */
	struct linked *linked;
	uint32_t count;
	struct quota *quota;
	struct quota_usage wanted; /* all of the messages */
	struct training *training;
};

/* Keywords keep their names, not their letters. */
static bool
translate(struct job *j, uint32_t flags, uint32_t *out)
{
	*out = flags & ~FLAG_KEYWORDS;
	for (unsigned i = 0; i < KEYWORDS_MAX; i++) {
		char name[KEYWORD_NAME_MAX + 1];
		if (!((flags >> i) & 1))
			continue;
		keywords_name(&j->from->keywords, i, name);
		uint32_t bit = mailbox_keyword(j->to, name, strlen(name));
		/* A target without a free letter takes the message without
		 * this keyword. */
		if (!bit && errno != EDQUOT)
			return false;
		*out |= bit;
	}
	return true;
}

/* The base name stays when it says both sizes and is free in the target. */
static bool
keeps_name(struct job const *j, char const *name, size_t base)
{
	uint64_t n;
	return maildir_name_field(name, base, 'S', &n) &&
	    maildir_name_field(name, base, 'W', &n) &&
	    mailbox_has_name(j->to, name, base) == 0;
}

static void
new_base(char const *name, size_t base, char out[MAILDIR_NAME_MAX + 1])
{
	uint64_t size;
	uint64_t wire;
	maildir_unique(out);
	if (!maildir_name_field(name, base, 'S', &size) ||
	    !maildir_name_field(name, base, 'W', &wire))
		return;
	size_t n = strlen(out);
	snprintf(out + n, MAILDIR_NAME_MAX + 1 - n, ",S=%llu,W=%llu",
	    (unsigned long long)size, (unsigned long long)wire);
}

/* For a file system that gives no more links: a copy of the bytes. */
static bool
copy_file(struct job *j, char const *from, char const *to)
{
	struct maildir_file f;
	struct stat st;
	int fd = openat(j->from->dir, from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int dir = fd < 0 ? -1 : fcntl(j->to->dir, F_DUPFD_CLOEXEC, 3);
	if (dir < 0) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	bool ok = fstat(fd, &st) == 0 && maildir_write(&f, dir, NULL, 0, fd, 0);
	close(fd);
	if (!ok)
		return false;
	char tmp[MAILDIR_NAME_MAX + 8];
	snprintf(tmp, sizeof tmp, "tmp/%s", f.tmp);
	struct timespec times[2] = { st.st_mtim, st.st_mtim };
	ok = utimensat(f.dirfd, tmp, times, 0) == 0 &&
	    linkat(f.dirfd, tmp, f.dirfd, to, 0) == 0;
	int saved = errno;
	maildir_abandon(&f);
	errno = saved;
	return ok;
}

static bool
link_file(struct job *j, char const *from, char const *to)
{
	if (linkat(j->from->dir, from, j->to->dir, to, 0) == 0)
		return true;
	if (errno != EMLINK && errno != EXDEV && errno != EPERM)
		return false;
	return copy_file(j, from, to);
}

/* 1 linked; 0 the message is gone; -1 with errno. */
static int
link_message(struct job *j, uint32_t number)
{
	struct mailbox *b = j->from;
	struct message *m = &b->messages[number - 1];
	struct linked *l = &j->linked[j->count];
	char path[FOLDER_NAME_MAX + 8];
	char base[MAILDIR_NAME_MAX + 1];
	stralloc name = STRALLOC_ZERO;
	uint32_t flags;
	if (m->gone)
		return 0;
	if (!translate(j, m->flags, &flags))
		return -1;
	int r = -1;
	snprintf(base, sizeof base, "%.*s", m->base, mailbox_name(b, m));
	if (!keeps_name(j, base, m->base))
		new_base(mailbox_name(b, m), m->base, base);
	for (int i = 0; i < TRIES && r < 0; i++) {
		mailbox_path(b, m, path);
		if (!flags_rename(base, strlen(base), flags, &name))
			break;
		errno = ENAMETOOLONG;
		if (name.len > FOLDER_NAME_MAX)
			break;
		snprintf(l->name, sizeof l->name, "cur/%s", name.s);
		if (link_file(j, path, l->name))
			r = 1;
		else if (errno == EEXIST)
			new_base(mailbox_name(b, m), m->base, base);
		else
			break;
	}
	int saved = errno;
	stralloc_free(&name);
	errno = saved;
	if (r == 1) {
		l->number = number;
		l->size = mailbox_stored_size(b, m);
		j->count++;
	}
	return r;
}

/* The message may have been renamed by a program that takes no lock. */
static int
link_or_look(struct job *j, uint32_t number)
{
	for (int i = 0; i < 3; i++) {
		int r = link_message(j, number);
		if (r >= 0 || errno != ENOENT)
			return r;
		j->from->dirty = true;
		if (!mailbox_sync(j->from))
			return -1;
	}
	return 0;
}

static bool
link_all(struct job *j, struct sequence const *numbers)
{
	struct range const *r = sequence_ranges(numbers);
	for (uint32_t i = 0; i < sequence_count(numbers); i++)
		for (uint32_t n = r[i].first; n <= r[i].last; n++) {
			int done = link_or_look(j, n);
			if (done < 0)
				return false;
			j->t->missing = j->t->missing || !done;
			lock_touch(&j->from->lock);
			if (j->to != j->from)
				lock_touch(&j->to->lock);
		}
	return true;
}

static bool
give_uids(struct job *j)
{
	for (uint32_t i = 0; i < j->count; i++) {
		struct linked *l = &j->linked[i];
		char const *base = l->name + 4;
		if (!uidlist_give_copy(&j->to->uids, base,
		        flags_base(base, strlen(base)),
		        mailbox_guid(j->from,
		            &j->from->messages[l->number - 1]),
		        &l->uid) ||
		    !sequence_add(&j->t->from,
		        j->from->messages[l->number - 1].uid) ||
		    !sequence_add(&j->t->to, l->uid))
			return false;
	}
	if (!mailbox_flush_uids(j->to))
		return false;
	for (uint32_t i = 0; i < j->count; i++)
		mailbox_add(j->to, j->linked[i].uid, j->linked[i].name);
	mailbox_note_changes(j->to);
	return true;
}

static void
teach(struct job *j)
{
	for (uint32_t i = 0; i < j->count; i++)
		training_add(j->training, j->to->dir, j->linked[i].name);
}

static void
unlink_all(struct job *j)
{
	int saved = errno;
	for (uint32_t i = 0; i < j->count; i++)
		unlinkat(j->to->dir, j->linked[i].name, 0);
	mailbox_drop_uids(j->to);
	errno = saved;
}

static struct quota_usage
linked_usage(struct job const *j)
{
	struct quota_usage sum = { 0, j->count };
	for (uint32_t i = 0; i < j->count; i++)
		sum.bytes += j->linked[i].size;
	return sum;
}

/* A move only takes room where it could not take the messages away. */
static bool
take_room(struct job *j)
{
	struct quota_usage sum = linked_usage(j);
	j->t->full = !quota_take(j->quota, sum.bytes, sum.messages, 0);
	return !j->t->full;
}

static bool
remove_sources(struct job *j)
{
	for (uint32_t i = 0; i < j->count; i++) {
		struct message *m = &j->from->messages[j->linked[i].number - 1];
		if (!mailbox_remove(j->from, m) && errno != ENOENT)
			return false;
	}
	return mailbox_settle(j->from);
}

static bool
move_away(struct job *j)
{
	bool ok = remove_sources(j);
	struct quota_usage came = linked_usage(j);
	struct quota_usage gone = mailbox_take_removed(j->from);
	quota_change(j->quota, (int64_t)(came.bytes - gone.bytes),
	    (int64_t)(came.messages - gone.messages));
	return ok;
}

static void
give_back_room(struct job *j)
{
	struct quota_usage sum = linked_usage(j);
	quota_change(j->quota, -(int64_t)sum.bytes, -(int64_t)sum.messages);
}

/* Under both locks. */
static bool
run(struct job *j, struct sequence const *numbers, bool move)
{
	bool taken = false;
	if (!link_all(j, numbers) || (!move && !(taken = take_room(j))) ||
	    !maildir_sync_dir(j->to->dir, "cur") || !give_uids(j)) {
		if (taken)
			give_back_room(j);
		unlink_all(j);
		return false;
	}
	teach(j);
	if (move && !move_away(j))
		return false;
	return true;
}

/* Keywords without a line keep their letters out of reach, which only a look at
 * the target's files tells. */
static bool
prepare(struct job *j, struct sequence const *numbers)
{
	uint32_t room = 0;
	uint32_t flags = 0;
	struct range const *r = sequence_ranges(numbers);
	/* GUIDs are asked for while UIDs are given. */
	if (!mailbox_sync(j->from) || !mailbox_read_list(j->from))
		return false;
	for (uint32_t i = 0; i < sequence_count(numbers); i++) {
		room += r[i].last - r[i].first + 1;
		for (uint32_t n = r[i].first; n <= r[i].last; n++) {
			struct message const *m = &j->from->messages[n - 1];
			flags |= m->flags;
			j->wanted.bytes += mailbox_stored_size(j->from, m);
			j->wanted.messages++;
		}
	}
	j->linked = malloc((room + 1) * sizeof *j->linked);
	if (!j->linked)
		return false;
	return !(flags & FLAG_KEYWORDS) || j->to == j->from ||
	    mailbox_sync(j->to);
}

/* Looked at before any message shows in the target. */
static bool
has_room(struct job *j)
{
	int room = quota_room(j->quota, j->wanted.bytes, j->wanted.messages, 0);
	j->t->full = room == 0;
	return room > 0;
}

int
transfer_messages(struct copied *t, struct mailbox *b, char const *to,
    struct sequence const *numbers, bool move, struct quota *q,
    struct training *training)
{
	struct job j = { t, b, &t->target, NULL, 0, q, { 0, 0 }, training };
	memset(t, 0, sizeof *t);
	if (!mailbox_open(&t->target, b->root, to, false))
		return 0;
	if (mailbox_same(&t->target, b))
		j.to = b;
	bool ok = mailbox_lock_two(b, &t->target);
	if (ok) {
		ok = prepare(&j, numbers) && (move || has_room(&j)) &&
		    run(&j, numbers, move);
		t->validity =
		    j.to->validity ? j.to->validity : j.to->uids.validity;
		int saved = errno;
		mailbox_unlock(&t->target);
		mailbox_unlock(b);
		errno = saved;
	}
	free(j.linked);
	return ok;
}

void
transfer_free(struct copied *t)
{
	int saved = errno;
	mailbox_close(&t->target);
	stralloc_free(&t->from.ranges);
	stralloc_free(&t->to.ranges);
	errno = saved;
}
