/* SPDX-License-Identifier: ISC */
/* Files and their UIDs: what lies in the directories, which of it the list
 * knows, UIDs for the rest. */
#include "mailbox-scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "log.h"
#include "maildir.h"
#include "mailbox-parts.h"

enum {
	SCAN_PAUSE = 10,   /* milliseconds: a tick of the clock that files get
			  * their times from */
	DEAD_RECORDS = 200 /* rewrite the list when there are more, and they
			    * are a third of it */
};

/* Whether clients were told that the UID is gone. A file that comes back, from a
 * backup perhaps, then gets another: many clients look for mail above the last
 * UID only. */
static bool
was_told_gone(struct mailbox *b, uint32_t uid)
{
	if (!b->vanished_count)
		return false;
	struct message const *m = mailbox_find(b, uid);
	if (m && !m->gone)
		return false;
	for (size_t i = 0; i < b->vanished_count; i++)
		if (uid >= b->vanished[i].first && uid <= b->vanished[i].last)
			return true;
	return false;
}

static struct uid_record *
record_of(struct mailbox *b, char const *base, size_t len)
{
	struct uid_record *r = uidlist_find(&b->uids, base, len);
	return r && !was_told_gone(b, r->uid) ? r : NULL;
}

/* Ties files to records. Of two files with one base name the one read later is
 * the message, in cur/ rather than in new/. */
void
scan_match(struct mailbox *b)
{
	for (size_t i = 0; i < b->uids.count; i++)
		b->uids.records[i].file = 0;
	for (size_t i = 0; i < b->scan.count; i++) {
		struct file const *f = &b->scan.files[i];
		struct uid_record *r =
		    record_of(b, b->scan.names.s + f->name, f->base);
		if (r)
			r->file = (uint32_t)i + 1;
	}
}

struct uid_record *
scan_record(struct mailbox const *b, uint32_t uid, size_t *pos)
{
	while (*pos < b->uids.count && b->uids.records[*pos].uid < uid)
		++*pos;
	return *pos < b->uids.count && b->uids.records[*pos].uid == uid
	    ? &b->uids.records[*pos]
	    : NULL;
}

static bool
some_missing(struct mailbox const *b)
{
	size_t pos = 0;
	for (uint32_t i = 0; i < b->count; i++) {
		if (b->messages[i].gone)
			continue;
		struct uid_record const *r =
		    scan_record(b, b->messages[i].uid, &pos);
		if (!r || !r->file)
			return true;
	}
	return false;
}

static void
wait_a_tick(void)
{
	struct timespec pause = { 0, SCAN_PAUSE * 1000000L };
	nanosleep(&pause, NULL);
}

/* Under the lock: a look during which somebody may have renamed files is not
 * the last word, least of all on a message that it did not find. */
static int
look_closer(struct mailbox *b)
{
	for (int i = 1; i < MAILBOX_TRIES && !b->scan.stable; i++) {
		if (some_missing(b))
			wait_a_tick();
		if (!scan_read_again(&b->scan, b->dir))
			return 0;
		scan_match(b);
	}
	return 1;
}

/* Whether the UIDs are in memory only, and still nobody has written others. */
static bool
is_unwritten(struct mailbox const *b)
{
	struct stat st;
	return b->unwritten &&
	    fstatat(b->dir, UIDLIST_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT;
}

/* The list as it is; empty when it is missing or damaged. */
static int
read_list(struct mailbox *b)
{
	if (is_unwritten(b))
		return 1;
	b->unwritten = false;
	if (b->uids.skipped || b->uids.fd < 0)
		uidlist_clear(&b->uids);
	int found = uidlist_load(&b->uids, b->dir);
	if (found < 0 && errno != EPROTO)
		return 0;
	if (found <= 0)
		uidlist_clear(&b->uids);
	return 1;
}

static struct index_time
time_of(struct timespec const *t)
{
	return (struct index_time){ t->tv_sec, (uint32_t)t->tv_nsec };
}

static void
saw_new(struct mailbox *b)
{
	b->seen.new = time_of(&b->scan.new_mtime);
	b->seen.new_settled = b->scan.stable;
	b->relook = 0;
	if (!b->seen.new_settled || !b->seen.cur_settled)
		mailbox_relook_soon(b);
}

int
scan_all(struct mailbox *b)
{
	if (!scan_read(&b->scan, b->dir) || !read_list(b))
		return 0;
	scan_match(b);
	if (b->locked && !look_closer(b))
		return 0;
	b->seen.cur = time_of(&b->scan.cur_mtime);
	b->seen.cur_settled = b->scan.stable;
	saw_new(b);
	b->dirty = false;
	return 1;
}

int
scan_new(struct mailbox *b)
{
	if (!scan_read_new(&b->scan, b->dir))
		return 0;
	saw_new(b);
	return 1;
}

/* --- UIDs --------------------------------------------------------------- */

static char const *
base_of(struct scan const *s, uint32_t file, size_t *len)
{
	*len = s->files[file].base;
	return s->names.s + s->files[file].name;
}

static int
by_name(void const *a, void const *b, void *scan)
{
	size_t m, n;
	char const *x = base_of(scan, *(uint32_t const *)a, &m);
	char const *y = base_of(scan, *(uint32_t const *)b, &n);
	return maildir_name_order(x, m, y, n);
}

static bool
has_uid(struct mailbox *b, uint32_t file)
{
	size_t len;
	char const *base = base_of(&b->scan, file, &len);
	return record_of(b, base, len);
}

ssize_t
scan_number(struct mailbox *b)
{
	uint32_t *todo = malloc((b->scan.count + 1) * sizeof *todo);
	size_t n = 0;
	int ok = 1;
	if (!todo)
		return -1;
	for (uint32_t i = 0; i < b->scan.count; i++)
		if (!has_uid(b, i))
			todo[n++] = i;
	qsort_r(todo, n, sizeof *todo, by_name, &b->scan);
	for (size_t i = 0; i < n && ok; i++) {
		size_t len;
		uint32_t uid;
		char const *base = base_of(&b->scan, todo[i], &len);
		/* The same base name may lie there twice. */
		if (!has_uid(b, todo[i]))
			ok = uidlist_give(&b->uids, base, len, &uid);
		if (b->locked)
			lock_touch(&b->lock);
	}
	free(todo);
	return ok ? (ssize_t)n : -1;
}

int
scan_settle(struct mailbox *b)
{
	ssize_t given = scan_number(b);
	bool ok = given == 0 || (given > 0 && mailbox_flush_uids(b));
	int saved = errno;
	b->gave_uids = b->gave_uids || (ok && given > 0);
	if (!ok) {
		/* In memory, but not on disk: not given. */
		b->dirty = b->dirty || saved == EAGAIN;
		uidlist_clear(&b->uids);
		if (uidlist_load(&b->uids, b->dir) != 1)
			return 0;
		log_error("unable to write", UIDLIST_FILE, saved);
	}
	scan_match(b);
	return 1;
}

static bool
list_is_wasteful(struct mailbox const *b)
{
	size_t dead = 0;
	for (size_t i = 0; i < b->uids.count; i++)
		dead += !b->uids.records[i].file;
	return dead > DEAD_RECORDS && dead > b->uids.count / 3;
}

/* A file that was only missed keeps its UID. */
int
scan_compact(struct mailbox *b)
{
	if (!b->scan.stable || !list_is_wasteful(b))
		return 1;
	if ((!mailbox_still_locked(b) || !uidlist_compact(&b->uids, b->dir)) &&
	    uidlist_load(&b->uids, b->dir) != 1)
		return 0;
	scan_match(b);
	return 1;
}

/* --- from new/ to cur/ ---------------------------------------------------- */

bool
mailbox_rename_file(int dir, char const *from, char const *to)
{
	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return true;
	return (errno == EINVAL || errno == ENOSYS) &&
	    renameat(dir, from, dir, to) == 0;
}

/* new/NAME becomes cur/NAME:2, and is \Recent here and nowhere else. */
static void
move_file(struct mailbox *b, struct file *f)
{
	char from[FOLDER_NAME_MAX + 8];
	char to[FOLDER_NAME_MAX + 16];
	char const *name = b->scan.names.s + f->name;
	mailbox_file_path(true, name, from);
	bool plain = f->base == f->len;
	snprintf(to, sizeof to, "cur/%s%s", name, plain ? ":2," : "");
	if (strlen(to) - 4 > FOLDER_NAME_MAX)
		return;
	if (!mailbox_rename_file(b->dir, from, to))
		return;
	size_t len = strlen(to) - 4;
	size_t at = b->scan.names.len;
	if (!stralloc_catb(&b->scan.names, to + 4, len + 1)) {
		b->dirty = true;
		return;
	}
	f->name = (uint32_t)at;
	f->len = (uint16_t)len;
	f->in_new = false;
}

void
scan_move_new(struct mailbox *b, bool *recent)
{
	bool moved = false;
	/* Of a file that is there twice the later one counts. */
	for (size_t i = b->scan.count; i-- > 0;) {
		struct file *f = &b->scan.files[i];
		recent[i] = false;
		if (!f->in_new)
			continue;
		if (b->writable && b->locked) {
			move_file(b, f);
			recent[i] = moved = true;
			lock_touch(&b->lock);
		} else {
			recent[i] = true;
		}
	}
	if (moved) {
		b->in_step = true;
		mailbox_note_changes(b);
	}
}
