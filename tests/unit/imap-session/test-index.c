/* SPDX-License-Identifier: ISC */
/* besace.index: what is written is read, what is wrong with it is seen, and a
 * view that came from it is that of the directories. */
#include "imap-session/mailbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "file.h"
#include "flags.h"
#include "imap-session/mailbox-parts.h"
#include "../check.h"

enum { MESSAGES = 6 };

static int dir;
static long entries_read;
static long clock_back; /* seconds */

/* In place of the C library's. */
int
fsync(int fd)
{
	(void)fd;
	return 0;
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);
	if (id == CLOCK_REALTIME)
		t->tv_sec -= clock_back;
	return r;
}

struct dirent *
readdir(DIR *d)
{
	struct dirent64 *e = readdir64(d);
	struct dirent *same;
	memcpy(&same, &e, sizeof same);
	entries_read++;
	return same;
}

/* --- the files ------------------------------------------------------------ */

/* Changes of the directories are this old, so that their times are settled. */
static void
age(void)
{
	static long n;
	struct timespec times[2] = { { 1000000 + ++n, 1 }, { 1000000 + n, 1 } };
	CHECK(utimensat(dir, "cur", times, 0) == 0);
	CHECK(utimensat(dir, "new", times, 0) == 0);
}

static void
put(char const *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && write(fd, "a: b\n\nc\n", 8) == 8);
	close(fd);
}

static void
clear(void)
{
	CHECK(system("rm -rf box && mkdir -p box/cur box/new box/tmp") == 0);
	close(dir);
	dir = open("box", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 1; i <= MESSAGES; i++) {
		char name[64];
		snprintf(name, sizeof name, "cur/%d.m,S=8,W=11:2,%s", i,
		    i % 2 ? "S" : "");
		put(name);
	}
	age();
}

static void
get(struct mailbox *b)
{
	CHECK(mailbox_open(b, dir, "", true) && mailbox_sync(b));
}

static uint64_t
modseq(struct mailbox *b, uint32_t uid)
{
	struct message const *m = mailbox_find(b, uid);
	return m && !m->gone ? m->modseq : 0;
}

/* A new session, that looks once. */
static uint64_t
modseq_now(uint32_t uid)
{
	struct mailbox b;
	get(&b);
	uint64_t n = modseq(&b, uid);
	mailbox_close(&b);
	return n;
}

static uint64_t
highest_now(void)
{
	struct mailbox b;
	get(&b);
	uint64_t n = b.highest_modseq;
	mailbox_close(&b);
	return n;
}

/* The view is that of the files: as one without an index. */
static bool
is_right(struct mailbox *b)
{
	struct stat st;
	uint32_t live = 0;
	for (uint32_t i = 0; i < b->count; i++) {
		char path[FOLDER_NAME_MAX + 8];
		char want[16];
		struct message *m = &b->messages[i];
		if (m->gone)
			continue;
		live++;
		/* looks for it where the index had its name wrong */
		close(mailbox_open_message(b, m));
		snprintf(want, sizeof want, "%u.m", m->uid);
		mailbox_path(b, m, path);
		if (fstatat(dir, path, &st, 0) < 0 ||
		    strncmp(path + 4, want, strlen(want)) != 0 ||
		    m->flags != flags_of_name(path + 4, strlen(path + 4)) ||
		    !m->modseq || m->modseq > b->highest_modseq)
			return false;
	}
	return live == MESSAGES;
}

static stralloc
read_index(void)
{
	stralloc s = STRALLOC_ZERO;
	int fd = openat(dir, INDEX_FILE, O_RDONLY);
	CHECK(fd >= 0 && file_read(fd, &s, 1 << 20));
	close(fd);
	return s;
}

static void
write_index(char const *s, size_t len)
{
	int fd = openat(dir, INDEX_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && file_write(fd, s, len));
	close(fd);
}

static void
set_flags(struct mailbox *b, uint32_t uid, uint32_t flags)
{
	CHECK(mailbox_lock(b) && mailbox_sync(b));
	CHECK(mailbox_set_flags(b, mailbox_find(b, uid), flags));
	mailbox_note_changes(b);
	mailbox_unlock(b);
}

static void
expunge(struct mailbox *b, uint32_t uid)
{
	CHECK(mailbox_lock(b) && mailbox_sync(b));
	CHECK(mailbox_remove(b, mailbox_find(b, uid)));
	CHECK(mailbox_settle(b));
	mailbox_unlock(b);
}

/* What mailbox_vanished says, "2:3,5". */
static char const *
vanished(struct mailbox *b, uint64_t since)
{
	static stralloc text;
	struct sequence out = SEQUENCE_ZERO;
	text.len = 0;
	CHECK(mailbox_vanished(b, since, NULL, &out));
	CHECK(sequence_format(&out, &text) && stralloc_0(&text));
	stralloc_free(&out.ranges);
	return text.s;
}

/* --- tests ---------------------------------------------------------------- */

static void
test_frames(void)
{
	stralloc changes = STRALLOC_ZERO;
	stralloc frame = STRALLOC_ZERO;
	struct index_state state = { .highest_modseq = 9,
		.uids = { 1, 2, 3, 4, 5, 6 } };
	struct message m = { .uid = 7,
		.modseq = 8,
		.size = 9,
		.date = -10,
		.saved = 11,
		.has_date = true };
	index_take_name(&m, "a.b:2,S", 7);
	struct vanished v = { 1, 2, 3 };
	CHECK(index_add_message(&changes, &m, "a.b:2,S"));
	CHECK(index_add_facts(&changes, &m));
	CHECK(index_add_vanished(&changes, &v));
	CHECK(index_add_frame(&frame, &changes, &state, 5, 100));
	CHECK(index_frame(frame.s, frame.len, 5, 100) == frame.len);
	CHECK(!index_frame(frame.s, frame.len, 6, 100));
	CHECK(!index_frame(frame.s, frame.len, 5, 101));
	for (size_t n = 0; n < frame.len; n++) {
		CHECK(!index_frame(frame.s, n, 5, 100));
		frame.s[n] ^= 4;
		CHECK(!index_frame(frame.s, frame.len, 5, 100));
		frame.s[n] ^= 4;
	}
	struct index_change c;
	size_t pos = 0;
	CHECK(index_next(frame.s, frame.len, 100, &pos, &c));
	CHECK(c.kind == INDEX_MESSAGE && c.message.uid == 7 &&
	    c.message.date == -10 && c.message.has_date &&
	    !c.message.has_saved && c.message.size == 9);
	CHECK(memcmp(frame.s + c.message.name - 100, "a.b:2,S", 7) == 0);
	CHECK(index_next(frame.s, frame.len, 100, &pos, &c));
	CHECK(c.kind == INDEX_FACTS);
	CHECK(index_next(frame.s, frame.len, 100, &pos, &c));
	CHECK(c.kind == INDEX_VANISHED && c.vanished.last == 2);
	CHECK(index_next(frame.s, frame.len, 100, &pos, &c));
	CHECK(c.kind == INDEX_STATE && index_same_state(&c.state, &state));
	CHECK(!index_next(frame.s, frame.len, 100, &pos, &c));
	CHECK(pos == frame.len);
	stralloc_free(&changes);
	stralloc_free(&frame);
}

/* Neither directories nor the list of UIDs are read, and nothing is written. */
static void
test_unchanged(void)
{
	struct mailbox b;
	clear();
	uint64_t first = highest_now();
	stralloc before = read_index();
	entries_read = 0;
	get(&b);
	CHECK(entries_read == 0 && b.uids.count == 0 && b.uids.fd < 0);
	CHECK(b.highest_modseq == first && is_right(&b));
	CHECK(b.uids.next == MESSAGES + 1);
	mailbox_close(&b);
	stralloc after = read_index();
	CHECK(before.len == after.len &&
	    memcmp(before.s, after.s, after.len) == 0);
	stralloc_free(&before);
	stralloc_free(&after);
}

/* Facts that were asked for once are in the index. */
static void
test_facts(void)
{
	struct mailbox b;
	int64_t date, saved, again;
	clear();
	get(&b);
	CHECK(mailbox_date(&b, mailbox_find(&b, 2), &date));
	CHECK(mailbox_saved(&b, mailbox_find(&b, 2), &saved));
	mailbox_close(&b);
	put("cur/2.m,S=8,W=11:2,");
	age();
	get(&b);
	struct message *m = mailbox_find(&b, 2);
	CHECK(m->has_saved && m->has_date && m->size == 11);
	CHECK(mailbox_saved(&b, m, &again) && again == saved);
	mailbox_close(&b);
}

/* What others do gives the messages they do it to new mod-sequences, and no
 * others. */
static void
test_others(void)
{
	struct mailbox b;
	clear();
	uint64_t first = highest_now();
	CHECK(renameat(dir, "cur/2.m,S=8,W=11:2,", dir,
	          "cur/2.m,S=8,W=11:2,F") == 0);
	CHECK(unlinkat(dir, "cur/3.m,S=8,W=11:2,S", 0) == 0);
	put("cur/7.m:2,");
	age();
	get(&b);
	CHECK(modseq(&b, 1) == first && modseq(&b, 2) > first);
	CHECK(modseq(&b, 7) > first && b.highest_modseq > first);
	CHECK(strcmp(vanished(&b, first), "3") == 0);
	uint64_t then = b.highest_modseq;
	mailbox_close(&b);
	get(&b);
	CHECK(modseq(&b, 1) == first && b.highest_modseq == then);
	CHECK(strcmp(vanished(&b, first), "3") == 0);
	CHECK(strcmp(vanished(&b, then), "") == 0);
	mailbox_close(&b);
}

/* Two sessions have one opinion, and take in only what the other has written. */
static void
test_two(void)
{
	struct mailbox a, b;
	clear();
	get(&a);
	get(&b);
	uint64_t first = a.highest_modseq;
	CHECK(b.highest_modseq == first);
	entries_read = 0;
	set_flags(&a, 2, FLAG_FLAGGED);
	expunge(&a, 4);
	expunge(&a, 5);
	a.relook = b.relook = 0; /* however slow this machine is */
	CHECK(mailbox_sync(&b) && entries_read == 0);
	CHECK(modseq(&b, 2) == modseq(&a, 2) && modseq(&b, 2) > first);
	CHECK(mailbox_find(&b, 2)->changed && mailbox_find(&b, 4)->gone);
	CHECK(b.highest_modseq == a.highest_modseq);
	b.relook = 0;
	set_flags(&b, 1, 0);
	a.relook = 0;
	CHECK(mailbox_sync(&a) && modseq(&a, 1) == modseq(&b, 1));
	CHECK(modseq(&a, 1) > modseq(&a, 2) && entries_read == 0);
	CHECK(strcmp(vanished(&a, first), "") == 0); /* still to be told */
	mailbox_forget(&a);
	mailbox_forget(&b);
	CHECK(strcmp(vanished(&a, first), "4:5") == 0);
	CHECK(strcmp(vanished(&b, first), "4:5") == 0);
	CHECK(strcmp(vanished(&b, first - 1), "4:5") == 0);
	CHECK(access("box/dovecot-uidlist.lock", F_OK) < 0);
	mailbox_close(&a);
	mailbox_close(&b);
}

/* Only new/ is read for what comes there. */
static void
test_arrival(void)
{
	struct mailbox a, b;
	clear();
	get(&a);
	put("new/7.m");
	entries_read = 0;
	CHECK(mailbox_open(&b, dir, "", false));
	b.keeps_index = true;
	CHECK(mailbox_sync(&b) && entries_read < MESSAGES);
	CHECK(b.count == 7 && mailbox_find(&b, 7)->in_new);
	a.relook = 0;
	CHECK(mailbox_sync(&a) && entries_read < 2 * MESSAGES);
	struct message const *m = mailbox_find(&a, 7);
	CHECK(m && !m->in_new && m->recent && !m->flags);
	CHECK(strcmp(mailbox_name(&a, m), "7.m:2,") == 0);
	CHECK(modseq(&a, 7) == modseq(&b, 7));
	mailbox_close(&a);
	mailbox_close(&b);
	age();
	CHECK(modseq_now(7) && access("box/cur/7.m:2,", F_OK) == 0);
}

/* In the tick of the clock in which we changed something ourselves. */
static void
test_hidden_change(void)
{
	struct mailbox a;
	struct stat st;
	clear();
	get(&a);
	set_flags(&a, 2, FLAG_FLAGGED);
	mailbox_close(&a);
	CHECK(fstatat(dir, "cur", &st, 0) == 0);
	CHECK(renameat(dir, "cur/1.m,S=8,W=11:2,S", dir,
	          "cur/1.m,S=8,W=11:2,") == 0);
	struct timespec times[2] = { st.st_atim, st.st_mtim };
	CHECK(utimensat(dir, "cur", times, 0) == 0);
	get(&a);
	CHECK(is_right(&a) && mailbox_find(&a, 1)->flags == 0);
	mailbox_close(&a);
}

static void
test_deleted(void)
{
	struct mailbox b;
	clear();
	uint64_t first = highest_now();
	CHECK(unlinkat(dir, INDEX_FILE, 0) == 0);
	CHECK(unlinkat(dir, "cur/3.m,S=8,W=11:2,S", 0) == 0);
	get(&b);
	CHECK(modseq(&b, 1) > first && b.highest_modseq > first);
	CHECK(strcmp(vanished(&b, first), "3") == 0);
	/* and while it is selected */
	CHECK(unlinkat(dir, INDEX_FILE, 0) == 0);
	uint64_t one = modseq(&b, 1);
	set_flags(&b, 2, FLAG_FLAGGED);
	CHECK(modseq(&b, 1) > one);
	one = modseq(&b, 1);
	mailbox_close(&b);
	CHECK(modseq_now(1) == one);
}

static void
test_clock(void)
{
	clear();
	uint64_t first = highest_now();
	clock_back = 100000;
	struct mailbox b;
	get(&b);
	set_flags(&b, 2, FLAG_FLAGGED);
	CHECK(modseq(&b, 2) > first);
	expunge(&b, 3);
	mailbox_forget(&b);
	CHECK(strcmp(vanished(&b, first), "3") == 0);
	mailbox_close(&b);
	CHECK(highest_now() > first);
	clock_back = 0;
}

/* Opened with this in the place of the index; then it has to be good again. */
static void
open_damaged(char const *s, size_t len)
{
	struct mailbox b;
	int out = dup(2);
	int null = open("/dev/null", O_WRONLY);
	write_index(s, len);
	dup2(null, 2); /* what is logged */
	get(&b);
	dup2(out, 2);
	close(null);
	close(out);
	CHECK(is_right(&b));
	mailbox_close(&b);
	entries_read = 0;
	get(&b);
	CHECK(is_right(&b) && entries_read == 0);
	mailbox_close(&b);
}

static void
test_damage(void)
{
	struct mailbox b;
	clear();
	get(&b);
	put("cur/7.m:2,");
	age();
	CHECK(mailbox_sync(&b));
	expunge(&b, 7);
	mailbox_close(&b);
	age();
	get(&b);
	set_flags(&b, 2, FLAG_FLAGGED);
	age();
	CHECK((b.dirty = true) && mailbox_sync(&b));
	mailbox_close(&b);
	stralloc good = read_index();
	/* one octet of each field at least */
	for (size_t n = 0; n < good.len; n += n < INDEX_HEADER_SIZE ? 1 : 7)
		open_damaged(good.s, n);
	for (size_t i = 0; i < good.len; i += i < INDEX_HEADER_SIZE ? 1 : 3) {
		stralloc bad = STRALLOC_ZERO;
		CHECK(stralloc_copy(&bad, &good));
		bad.s[i] ^= (char)(1 << i % 8);
		open_damaged(bad.s, bad.len);
		stralloc_free(&bad);
	}
	/* something behind it */
	CHECK(stralloc_cats(&good, "0123456789 foreign"));
	open_damaged(good.s, good.len);
	stralloc_free(&good);
}

/* Whatever has its name. */
static void
test_not_a_file(void)
{
	clear();
	uint64_t first = highest_now();
	CHECK(unlinkat(dir, INDEX_FILE, 0) == 0);
	CHECK(mkfifoat(dir, INDEX_FILE, 0600) == 0);
	CHECK(modseq_now(1) > first);
	first = modseq_now(1);
	CHECK(modseq_now(1) == first);
	CHECK(unlinkat(dir, INDEX_FILE, 0) == 0);
	CHECK(mkdirat(dir, INDEX_FILE, 0700) == 0);
	CHECK(modseq_now(1) > first);
	first = modseq_now(1);
	CHECK(modseq_now(1) == first);
	CHECK(unlinkat(dir, INDEX_FILE, 0) == 0);
	CHECK(symlinkat("/etc/passwd", dir, INDEX_FILE) == 0);
	CHECK(modseq_now(1) > first);
}

/* The index of another mailbox, with the same UIDVALIDITY. */
static void
test_swapped(void)
{
	struct mailbox b;
	int64_t date;
	clear();
	get(&b);
	for (uint32_t uid = 1; uid <= MESSAGES; uid++)
		CHECK(mailbox_date(&b, mailbox_find(&b, uid), &date));
	mailbox_close(&b);
	stralloc first = read_index();
	uint64_t old = highest_now();
	stralloc list = STRALLOC_ZERO;
	CHECK(file_slurp("box/dovecot-uidlist", &list, 1 << 20));
	/* other messages have those UIDs */
	CHECK(system("cd box && for f in cur/*; do "
	             "mv $f cur/x${f#cur/}; done && "
	             "sed -i 's/ :/ :x/' dovecot-uidlist") == 0);
	age();
	write_index(first.s, first.len);
	get(&b);
	for (uint32_t uid = 1; uid <= MESSAGES; uid++) {
		struct message const *m = mailbox_find(&b, uid);
		CHECK(m && !m->size && !m->has_date && m->modseq > old);
		CHECK(mailbox_name(&b, m)[0] == 'x');
	}
	CHECK(strcmp(vanished(&b, old), "") == 0);
	mailbox_close(&b);
	stralloc_free(&first);
	stralloc_free(&list);
}

/* UIDs that another program gave and took away while nobody looked. */
static void
test_unseen(void)
{
	struct mailbox b;
	clear();
	uint64_t first = highest_now();
	CHECK(system("echo '7 :gone' >>box/dovecot-uidlist") == 0);
	get(&b);
	CHECK(b.uids.next == 8);
	CHECK(strcmp(vanished(&b, first), "7") == 0);
	mailbox_close(&b);
}

/* A message that comes back after it was told to be gone has another UID. */
static void
test_back(void)
{
	struct mailbox a, b;
	clear();
	get(&a);
	uint32_t next = a.uids.next;
	CHECK(renameat(dir, "cur/3.m,S=8,W=11:2,S", dir, "tmp/3") == 0);
	age();
	CHECK(mailbox_sync(&a) && !modseq(&a, 3));
	mailbox_forget(&a);
	CHECK(modseq_now(3) == 0);
	CHECK(renameat(dir, "tmp/3", dir, "cur/3.m,S=8,W=11:2,S") == 0);
	age();
	CHECK(mailbox_sync(&a) && !modseq(&a, 3) && modseq(&a, next));
	set_flags(&a, 2, FLAG_FLAGGED);
	get(&b);
	CHECK(!modseq(&b, 3) && modseq(&b, next) == modseq(&a, next));
	set_flags(&a, 2, 0);
	mailbox_close(&a);
	CHECK(mailbox_sync(&b) && !modseq(&b, 3));
	mailbox_close(&b);
	CHECK(!modseq_now(3) && modseq_now(next));
}

/* APPEND and COPY: a mailbox that is not read is added to. */
static void
test_added(void)
{
	struct mailbox a, b;
	uint32_t uid;
	clear();
	get(&a);
	entries_read = 0;
	CHECK(mailbox_open(&b, dir, "", true) && mailbox_lock(&b));
	CHECK(b.uids.count == 0 && b.uids.skipped);
	put("cur/7.m,S=8,W=11:2,S");
	CHECK(uidlist_give(&b.uids, "7.m,S=8,W=11", 12, &uid) && uid == 7);
	CHECK(mailbox_flush_uids(&b));
	mailbox_add(&b, uid, "cur/7.m,S=8,W=11:2,S");
	mailbox_note_changes(&b);
	mailbox_close(&b);
	a.relook = 0;
	CHECK(mailbox_sync(&a) && entries_read == 0);
	struct message *m = mailbox_find(&a, 7);
	CHECK(m && m->flags == FLAG_SEEN && m->size == 11 && m->has_saved);
	CHECK(m->modseq == a.highest_modseq && a.uids.next == 8);
	set_flags(&a, 7, 0);
	mailbox_close(&a);
	CHECK(system("grep -q '^7 :7.m,S=8,W=11$' box/dovecot-uidlist") == 0);
	get(&a);
	CHECK(a.count == 7 && mailbox_find(&a, 7)->flags == 0);
	mailbox_close(&a);
}

/* Many changes: the file does not grow for ever. */
static void
test_rewritten(void)
{
	struct mailbox a, b;
	struct stat st;
	clear();
	get(&a);
	get(&b);
	uint64_t first = a.highest_modseq;
	for (unsigned i = 0; i < 1000; i++) {
		set_flags(&a, 1 + i % MESSAGES,
		    i / MESSAGES % 2 ? 0 : FLAG_FLAGGED);
		if (i % 100 == 0)
			CHECK(mailbox_sync(&b));
	}
	CHECK(fstatat(dir, INDEX_FILE, &st, 0) == 0 && st.st_size < 100000);
	CHECK(mailbox_sync(&b) && b.highest_modseq == a.highest_modseq);
	for (uint32_t uid = 1; uid <= MESSAGES; uid++)
		CHECK(modseq(&a, uid) == modseq(&b, uid) &&
		    modseq(&a, uid) > first);
	CHECK(is_right(&a) && is_right(&b));
	mailbox_close(&a);
	mailbox_close(&b);
}

/* A long history is cut, and then more is said to be gone than is. */
static void
test_long_history(void)
{
	struct mailbox b;
	clear();
	get(&b);
	uint64_t first = b.highest_modseq;
	CHECK(mailbox_lock(&b));
	b.uids.next = 40000;
	for (uint32_t uid = 100; uid < 30000; uid += 2) {
		struct message *m = mailbox_grow(&b);
		CHECK(m);
		m->uid = uid + 1;
		mailbox_note_vanished(&b, uid, uid);
	}
	CHECK(b.vanished_count <= 8192 && b.floor > first);
	CHECK(strcmp(vanished(&b, b.highest_modseq - 1), "29998") == 0);
	CHECK(strncmp(vanished(&b, first), "7:100,102,", 10) == 0);
	b.in_step = false;
	mailbox_close(&b);
}

int
main(void)
{
	char path[] = "/tmp/test-index.XXXXXX";
	char command[64];
	if (!mkdtemp(path) || chdir(path) < 0)
		return 1;
	dir = -1;
	test_frames();
	test_unchanged();
	test_facts();
	test_others();
	test_two();
	test_arrival();
	test_hidden_change();
	test_deleted();
	test_clock();
	test_damage();
	test_not_a_file();
	test_swapped();
	test_unseen();
	test_back();
	test_added();
	test_rewritten();
	test_long_history();
	snprintf(command, sizeof command, "rm -rf %s", path);
	CHECK(chdir("/") == 0 && system(command) == 0);
	return check_failed;
}
