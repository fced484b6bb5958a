/* SPDX-License-Identifier: ISC */
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "array.h"
#include "file.h"
#include "flags.h"
#include "log.h"
#include "maildir.h"
#include "uidvalidity.h"

enum {
	MESSAGES_MAX = 1 << 24,
	SCAN_TRIES = 3,
	SCAN_PAUSE = 10, /* milliseconds: a tick of the clock that files get
			  * their times from */
	RELOOK_SECONDS = 1,
	DEAD_RECORDS = 200 /* rewrite the list when there are more, and they
			    * are a third of it */
};

int
mailbox_open(struct mailbox *b, int root, char const *folder, bool writable)
{
	memset(b, 0, sizeof *b);
	uidlist_init(&b->uids);
	b->root = root;
	b->writable = writable;
	b->dirty = true;
	if (strlen(folder) > FOLDER_NAME_MAX) {
		b->dir = -1;
		errno = ENAMETOOLONG;
		return 0;
	}
	memcpy(b->folder, folder, strlen(folder) + 1);
	b->dir = maildir_open_folder(root, folder, false);
	return b->dir >= 0;
}

void
mailbox_close(struct mailbox *b)
{
	if (b->dir < 0)
		return;
	mailbox_unlock(b);
	uidlist_clear(&b->uids);
	scan_free(&b->scan);
	free(b->messages);
	stralloc_free(&b->names);
	close(b->dir);
	b->messages = NULL;
	b->count = b->told = 0;
	b->room = 0;
	b->relook = 0;
	b->dirty = false;
	b->dir = -1;
}

char const *
mailbox_name(struct mailbox const *b, struct message const *m)
{
	return b->names.s + m->name;
}

static void
file_path(bool in_new, char const *name, char path[FOLDER_NAME_MAX + 8])
{
	snprintf(path, FOLDER_NAME_MAX + 8, "%s/%s", in_new ? "new" : "cur",
	    name);
}

void
mailbox_path(struct mailbox const *b, struct message const *m,
    char path[FOLDER_NAME_MAX + 8])
{
	file_path(m->in_new, mailbox_name(b, m), path);
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

/* --- the lock ----------------------------------------------------------- */

/* A process that was stopped for longer than a lock lasts must not write. */
static bool
still_locked(struct mailbox const *b)
{
	if (lock_held(&b->lock))
		return true;
	errno = EAGAIN;
	return false;
}

/* A list that is missing or damaged is made anew: all UIDs change, which a
 * greater UIDVALIDITY tells. */
static int
make_list(struct mailbox *b, uint32_t floor)
{
	if (!still_locked(b))
		return 0;
	uint32_t validity = uidvalidity_next(b->root, floor);
	return validity && uidlist_create(&b->uids, b->dir, validity, 1);
}

static int
load_list(struct mailbox *b)
{
	int found = uidlist_load(&b->uids, b->dir);
	if (found > 0)
		return 1;
	if (found < 0 && errno != EPROTO)
		return 0;
	if (found < 0)
		log_error("damaged, all UIDs of the mailbox change",
		    *b->folder ? b->folder : "INBOX", EPROTO);
	uint32_t floor =
	    b->uids.validity > b->validity ? b->uids.validity : b->validity;
	return make_list(b, floor);
}

int
mailbox_lock(struct mailbox *b)
{
	if (b->locked)
		return 1;
	if (!lock_take(&b->lock, b->dir, UIDLIST_LOCK))
		return 0;
	b->locked = true;
	if (keywords_load(&b->keywords, b->dir) > 0)
		b->keywords_changed = true;
	size_t known = b->uids.count;
	if (load_list(b)) {
		b->dirty = b->dirty || b->uids.count != known;
		if (!b->validity || b->validity == b->uids.validity)
			return 1;
		errno = ESTALE;
	}
	int saved = errno;
	mailbox_unlock(b);
	errno = saved;
	return 0;
}

void
mailbox_unlock(struct mailbox *b)
{
	if (!b->locked)
		return;
	b->locked = false;
	if (!lock_drop(&b->lock))
		log_error("lock was lost", *b->folder ? b->folder : "INBOX", 0);
}

int
mailbox_flush_uids(struct mailbox *b)
{
	return still_locked(b) && uidlist_flush(&b->uids, b->dir);
}

/* Less than, equal to or greater than 0. */
static int
directory_order(struct mailbox const *a, struct mailbox const *b)
{
	struct stat x;
	struct stat y;
	if (fstat(a->dir, &x) < 0 || fstat(b->dir, &y) < 0)
		return strcmp(a->folder, b->folder);
	if (x.st_dev != y.st_dev)
		return x.st_dev < y.st_dev ? -1 : 1;
	return (x.st_ino > y.st_ino) - (x.st_ino < y.st_ino);
}

bool
mailbox_same(struct mailbox const *a, struct mailbox const *b)
{
	return directory_order(a, b) == 0;
}

int
mailbox_lock_two(struct mailbox *a, struct mailbox *b)
{
	int order = directory_order(a, b);
	if (order == 0)
		return mailbox_lock(a);
	struct mailbox *first = order < 0 ? a : b;
	struct mailbox *second = order < 0 ? b : a;
	if (!mailbox_lock(first))
		return 0;
	if (mailbox_lock(second))
		return 1;
	int saved = errno;
	mailbox_unlock(first);
	errno = saved;
	return 0;
}

/* --- looking ------------------------------------------------------------ */

static bool
same_time(struct timespec const *a, struct timespec const *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
dirs_changed(struct mailbox const *b)
{
	struct stat cur;
	struct stat new;
	if (fstatat(b->dir, "cur", &cur, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fstatat(b->dir, "new", &new, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	return !same_time(&cur.st_mtim, &b->cur_mtime) ||
	    !same_time(&new.st_mtim, &b->new_mtime);
}

static bool
list_changed(struct mailbox const *b)
{
	struct stat there;
	struct stat mine;
	if (fstatat(b->dir, UIDLIST_FILE, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return b->uids.fd >= 0;
	return b->uids.fd < 0 || fstat(b->uids.fd, &mine) < 0 ||
	    there.st_ino != mine.st_ino || there.st_dev != mine.st_dev ||
	    (size_t)there.st_size != b->uids.text.len;
}

static bool
must_look(struct mailbox const *b)
{
	return b->dirty || (b->relook && time(NULL) >= b->relook) ||
	    dirs_changed(b) || list_changed(b);
}

/* Ties files to records. Of two files with one base name the one read later is
 * the message, in cur/ rather than in new/. */
static void
match(struct mailbox *b)
{
	for (size_t i = 0; i < b->uids.count; i++)
		b->uids.records[i].file = 0;
	for (size_t i = 0; i < b->scan.count; i++) {
		struct file const *f = &b->scan.files[i];
		struct uid_record *r =
		    uidlist_find(&b->uids, b->scan.names.s + f->name, f->base);
		if (r)
			r->file = (uint32_t)i + 1;
	}
}

static struct file const *
file_of(struct mailbox const *b, struct uid_record const *r)
{
	return r->file ? &b->scan.files[r->file - 1] : NULL;
}

/* The record of a message, walking both in the order of UIDs. */
static struct uid_record *
record_of(struct mailbox const *b, uint32_t uid, size_t *pos)
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
		    record_of(b, b->messages[i].uid, &pos);
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
	for (int i = 1; i < SCAN_TRIES && !b->scan.stable; i++) {
		if (some_missing(b))
			wait_a_tick();
		if (!scan_read_again(&b->scan, b->dir))
			return 0;
		match(b);
	}
	return 1;
}

/* Whether the UIDs are those of show_unwritten, and still nobody has written
 * others. */
static bool
is_unwritten(struct mailbox const *b)
{
	struct stat st;
	return b->uids.validity && b->uids.fd < 0 &&
	    fstatat(b->dir, UIDLIST_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT;
}

static int
look(struct mailbox *b)
{
	if (!scan_read(&b->scan, b->dir))
		return 0;
	int found = is_unwritten(b) ? 1 : uidlist_load(&b->uids, b->dir);
	if (found < 0 && errno != EPROTO)
		return 0;
	if (found <= 0)
		uidlist_clear(&b->uids);
	match(b);
	if (b->locked && !look_closer(b))
		return 0;
	b->cur_mtime = b->scan.cur_mtime;
	b->new_mtime = b->scan.new_mtime;
	b->relook = b->scan.stable ? 0 : time(NULL) + RELOOK_SECONDS;
	b->dirty = false;
	return 1;
}

static bool
some_to_settle(struct mailbox const *b)
{
	for (size_t i = 0; i < b->scan.count; i++) {
		struct file const *f = &b->scan.files[i];
		if ((f->in_new && b->writable) ||
		    !uidlist_find(&b->uids, b->scan.names.s + f->name, f->base))
			return true;
	}
	return false;
}

/* Without the lock another program may be in the middle of a rename. */
static bool
wants_lock(struct mailbox const *b)
{
	return !b->uids.validity || !b->scan.stable || some_missing(b) ||
	    some_to_settle(b);
}

/* --- under the lock ----------------------------------------------------- */

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
	int c = memcmp(x, y, m < n ? m : n);
	return c ? c : (m > n) - (m < n);
}

static bool
has_uid(struct mailbox const *b, uint32_t file)
{
	size_t len;
	char const *base = base_of(&b->scan, file, &len);
	return uidlist_find(&b->uids, base, len);
}

/* UIDs in memory for files without one, in ascending order of their names. The
 * number of such files; -1 with errno. */
static ssize_t
number_files(struct mailbox *b)
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

/* rename(2) that does not replace, where the file system can. */
static bool
rename_file(int dir, char const *from, char const *to)
{
	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return true;
	return (errno == EINVAL || errno == ENOSYS) &&
	    renameat(dir, from, dir, to) == 0;
}

/* new/NAME becomes cur/NAME:2, and is \Recent here and nowhere else. */
static void
move_new(struct mailbox *b, struct file *f)
{
	char from[FOLDER_NAME_MAX + 8];
	char to[FOLDER_NAME_MAX + 16];
	char const *name = b->scan.names.s + f->name;
	file_path(true, name, from);
	bool plain = f->base == f->len;
	snprintf(to, sizeof to, "cur/%s%s", name, plain ? ":2," : "");
	if (strlen(to) - 4 > FOLDER_NAME_MAX)
		return;
	if (!rename_file(b->dir, from, to))
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

/* What this process changes itself need not make it look again, except once,
 * later: somebody else may have changed something in the same tick. */
void
mailbox_note_changes(struct mailbox *b)
{
	struct stat cur;
	struct stat new;
	if (fstatat(b->dir, "cur", &cur, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fstatat(b->dir, "new", &new, AT_SYMLINK_NOFOLLOW) < 0) {
		b->dirty = true;
		return;
	}
	b->cur_mtime = cur.st_mtim;
	b->new_mtime = new.st_mtim;
	if (!b->relook)
		b->relook = time(NULL) + RELOOK_SECONDS;
}

static bool
list_is_wasteful(struct mailbox const *b)
{
	size_t dead = 0;
	for (size_t i = 0; i < b->uids.count; i++)
		dead += !b->uids.records[i].file;
	return dead > DEAD_RECORDS && dead > b->uids.count / 3;
}

static int
settle_files(struct mailbox *b)
{
	ssize_t given = number_files(b);
	bool ok = given == 0 || (given > 0 && mailbox_flush_uids(b));
	int saved = errno;
	if (!ok) {
		/* In memory, but not on disk: not given. */
		b->dirty = b->dirty || saved == EAGAIN;
		uidlist_clear(&b->uids);
		if (uidlist_load(&b->uids, b->dir) != 1)
			return 0;
		log_error("unable to write", UIDLIST_FILE, saved);
	}
	match(b);
	/* A file that was only missed keeps its UID. */
	if (ok && b->scan.stable && list_is_wasteful(b)) {
		if ((!still_locked(b) || !uidlist_compact(&b->uids, b->dir)) &&
		    uidlist_load(&b->uids, b->dir) != 1)
			return 0;
		match(b);
	}
	return 1;
}

static void
move_all_new(struct mailbox *b, bool *recent)
{
	bool moved = false;
	/* Of a file that is there twice the later one counts. */
	for (size_t i = b->scan.count; i-- > 0;) {
		struct file *f = &b->scan.files[i];
		recent[i] = false;
		if (!f->in_new)
			continue;
		if (b->writable && b->locked) {
			move_new(b, f);
			recent[i] = moved = true;
			lock_touch(&b->lock);
		} else {
			recent[i] = true;
		}
	}
	if (moved)
		mailbox_note_changes(b);
}

/* --- the view ----------------------------------------------------------- */

static void
show_file(struct mailbox *b, struct message *m, struct file const *f,
    stralloc const *names)
{
	uint32_t flags = flags_of_name(names->s + f->name, f->len);
	if (flags != m->flags) {
		m->changed = true;
		m->modseq = mailbox_next_modseq(b);
	}
	m->flags = flags;
	m->name = f->name;
	m->len = f->len;
	m->base = f->base;
	m->in_new = f->in_new;
}

static int
append(struct mailbox *b, struct uid_record const *r, bool recent,
    uint64_t modseq)
{
	void *p = array_grow(b->messages, b->count, sizeof *b->messages,
	    MESSAGES_MAX, &b->room);
	if (!p)
		return 0;
	b->messages = p;
	struct message *m = &b->messages[b->count++];
	memset(m, 0, sizeof *m);
	m->uid = r->uid;
	m->recent = recent;
	show_file(b, m, file_of(b, r), &b->names);
	m->changed = false;
	m->modseq = modseq;
	return 1;
}

/* Room for the names of the messages that were not found. */
static int
make_room_for_missing(struct mailbox *b)
{
	size_t pos = 0;
	size_t need = 0;
	for (uint32_t i = 0; i < b->count; i++) {
		struct message const *m = &b->messages[i];
		struct uid_record const *r = record_of(b, m->uid, &pos);
		if (!m->gone && (!r || !r->file))
			need += m->len + 1U;
	}
	return stralloc_readyplus(&b->scan.names, need);
}

/* A message that was not found, perhaps for being renamed at that moment, stays
 * as it was known until a look that misses nothing. */
static void
keep_message(struct mailbox *b, struct message *m)
{
	size_t at = b->scan.names.len;
	memcpy(b->scan.names.s + at, mailbox_name(b, m), m->len + 1U);
	b->scan.names.len += m->len + 1U;
	m->name = (uint32_t)at;
	b->dirty = true;
}

static void
lose_message(struct mailbox *b, struct message *m)
{
	m->gone = true;
	(void)mailbox_next_modseq(b);
}

static void
update_messages(struct mailbox *b)
{
	size_t pos = 0;
	for (uint32_t i = 0; i < b->count; i++) {
		struct message *m = &b->messages[i];
		struct uid_record const *r = record_of(b, m->uid, &pos);
		if (m->gone)
			continue; /* its name is not looked at again */
		if (r && r->file)
			show_file(b, m, file_of(b, r), &b->scan.names);
		else if (!b->scan.stable)
			keep_message(b, m);
		else
			lose_message(b, m);
	}
	stralloc names = b->names;
	b->names = b->scan.names;
	b->scan.names = names;
}

/* A message whose file came back after its EXPUNGE, under a UID below the last
 * one, cannot be shown in its place: it waits for the next SELECT. */
static int
append_messages(struct mailbox *b, bool const *recent)
{
	uint32_t last = b->count ? b->messages[b->count - 1].uid : 0;
	uint64_t modseq = 0;
	for (size_t i = 0; i < b->uids.count; i++) {
		struct uid_record const *r = &b->uids.records[i];
		if (r->uid <= last || !r->file)
			continue;
		if (!modseq)
			modseq = mailbox_next_modseq(b);
		if (!append(b, r, recent[r->file - 1], modseq))
			return 0;
	}
	if (!b->highest_modseq)
		(void)mailbox_next_modseq(b);
	return 1;
}

static int
merge(struct mailbox *b, bool const *recent)
{
	if (!make_room_for_missing(b))
		return 0;
	update_messages(b);
	return append_messages(b, recent);
}

/* The mailbox still exists, and its UIDs are those the client knows. */
static int
check_same(struct mailbox *b)
{
	struct stat st;
	if (!b->uids.validity) {
		errno = EPROTO;
		return 0;
	}
	if (!b->validity)
		b->validity = b->uids.validity;
	if (fstat(b->dir, &st) == 0 && st.st_nlink &&
	    b->validity == b->uids.validity)
		return 1;
	errno = ESTALE;
	return 0;
}

static int
show(struct mailbox *b)
{
	if (!check_same(b))
		return 0;
	bool *recent = malloc(b->scan.count + 1);
	if (!recent)
		return 0;
	move_all_new(b, recent);
	int ok = merge(b, recent);
	free(recent);
	return ok;
}

static int
settle_and_show(struct mailbox *b)
{
	return look(b) && (b->uids.validity || load_list(b)) &&
	    settle_files(b) && show(b);
}

/* The UIDVALIDITY of a mailbox whose UIDs nobody can write down: another one
 * when files have come or gone, as their numbers then change. */
static uint32_t
unwritten_validity(struct mailbox const *b)
{
	time_t cur = b->cur_mtime.tv_sec;
	time_t new = b->new_mtime.tv_sec;
	uint32_t validity = (uint32_t)(cur > new ? cur : new);
	return validity ? validity : 1;
}

/* A mailbox we may not write: what can be shown is shown. Without a list its
 * UIDs are in memory only, in the order of the names. */
static int
show_unwritten(struct mailbox *b)
{
	if (!look(b))
		return 0;
	if (!b->uids.validity) {
		b->uids.validity = unwritten_validity(b);
		b->uids.next = 1;
	}
	if (is_unwritten(b)) {
		if (number_files(b) < 0) {
			uidlist_clear(&b->uids);
			return 0;
		}
		match(b);
	}
	return show(b);
}

static int
sync_with_lock(struct mailbox *b)
{
	if (!mailbox_lock(b)) {
		if (errno != EROFS && errno != EACCES && errno != EDQUOT &&
		    errno != ENOSPC)
			return 0;
		log_error("unable to lock", *b->folder ? b->folder : "INBOX",
		    errno);
		return show_unwritten(b);
	}
	int ok = settle_and_show(b);
	int saved = errno;
	mailbox_unlock(b);
	errno = saved;
	return ok;
}

static int
sync_view(struct mailbox *b)
{
	if (b->locked)
		return settle_and_show(b);
	if (!look(b))
		return 0;
	return wants_lock(b) ? sync_with_lock(b) : show(b);
}

int
mailbox_sync(struct mailbox *b)
{
	int keywords = keywords_load(&b->keywords, b->dir);
	if (keywords < 0)
		log_error("unable to read", KEYWORDS_FILE, errno);
	if (keywords > 0)
		b->keywords_changed = true;
	if (!must_look(b) || sync_view(b))
		return 1;
	struct stat st;
	int saved = errno;
	b->dirty = true;
	bool deleted = fstat(b->dir, &st) == 0 && !st.st_nlink;
	errno = deleted ? ESTALE : saved;
	return 0;
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
		b->messages[out++] = b->messages[i];
	}
	b->count = out;
	b->told = told;
}

/* --- changes ------------------------------------------------------------ */

int
mailbox_look_again(struct mailbox *b, struct message **m)
{
	uint32_t uid = (*m)->uid;
	b->dirty = true;
	if (!mailbox_sync(b))
		return 0;
	*m = mailbox_find(b, uid);
	if (*m && !(*m)->gone)
		return 1;
	errno = ENOENT;
	return 0;
}

static int
rename_message(struct mailbox *b, struct message *m, uint32_t flags)
{
	char from[FOLDER_NAME_MAX + 8];
	char to[FOLDER_NAME_MAX + 8];
	stralloc name = STRALLOC_ZERO;
	if (!flags_rename(mailbox_name(b, m), m->len, flags, &name))
		return 0;
	int ok = 0;
	if (name.len > FOLDER_NAME_MAX) {
		errno = ENAMETOOLONG;
	} else {
		mailbox_path(b, m, from);
		file_path(false, name.s, to);
		size_t at = b->names.len;
		ok = stralloc_catb(&b->names, name.s, name.len + 1) &&
		    rename_file(b->dir, from, to);
		if (ok) {
			m->name = (uint32_t)at;
			m->len = (uint16_t)name.len;
			m->in_new = false;
			m->flags = flags;
			m->modseq = mailbox_next_modseq(b);
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
	for (int i = 0; i < SCAN_TRIES && !m->gone; i++) {
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
mailbox_stored_size(struct mailbox const *b, struct message const *m)
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
	for (int i = 0; i < SCAN_TRIES && !m->gone; i++) {
		char path[FOLDER_NAME_MAX + 8];
		uint64_t size = mailbox_stored_size(b, m);
		mailbox_path(b, m, path);
		if (unlinkat(b->dir, path, 0) == 0) {
			lose_message(b, m);
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

uint32_t
mailbox_keyword(struct mailbox *b, char const *name, size_t len)
{
	uint32_t bit = keywords_find(&b->keywords, name, len);
	if (bit)
		return bit;
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
	for (int i = 0; i < SCAN_TRIES && !m->gone; i++) {
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
