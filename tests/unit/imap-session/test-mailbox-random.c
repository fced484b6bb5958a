/* SPDX-License-Identifier: ISC */
/* Sessions and other programs at random in one mailbox: each view is that of the
 * files, a UID is one file's for ever, and a client that comes now and then is
 * told by mod-sequences of all that has changed. */
#include "imap-session/mailbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"
#include "flags.h"
#include "../check.h"

enum { STEPS = 1500, FILES = 2000, UIDS = 4000, SESSIONS = 3 };

static int dir;
static unsigned files;        /* that were ever made */
static char names[FILES][32]; /* "cur/1.m:2,S"; "" is gone */
static unsigned file_of_uid[UIDS];
static struct mailbox sessions[SESSIONS];

/* What a client knows. */
static uint64_t known_highest;
static int known_flags[UIDS]; /* -1: no message */

/* In place of the C library's. */
int
fsync(int fd)
{
	(void)fd;
	return 0;
}

static unsigned
any(unsigned n)
{
	return (unsigned)random() % n;
}

static unsigned
number_of(char const *name)
{
	return (unsigned)strtoul(name, NULL, 10);
}

/* --- other programs ------------------------------------------------------- */

static void
make(bool in_new)
{
	char *name = names[files];
	if (files >= FILES)
		return;
	snprintf(name, sizeof names[0], in_new ? "new/%u.m" : "cur/%u.m:2,",
	    files);
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	CHECK(fd >= 0 && write(fd, "a: b\n", 5) == 5);
	close(fd);
	files++;
}

/* Sessions may have renamed or removed it: then nothing happens. */
static void
rename_some(void)
{
	char to[32];
	char *from = names[any(files)];
	snprintf(to, sizeof to, "cur/%u.m:2,%s", number_of(from + 4),
	    any(2) ? "F" : "S");
	if (*from && renameat(dir, from, dir, to) == 0)
		memcpy(from, to, sizeof to);
}

static void
remove_some(void)
{
	char *name = names[any(files)];
	if (*name && unlinkat(dir, name, 0) == 0)
		*name = 0;
}

static void
spoil_index(void)
{
	int fd = openat(dir, INDEX_FILE, O_RDWR);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (any(2))
		CHECK(ftruncate(fd, (off_t)any((unsigned)st.st_size + 1)) == 0);
	else
		CHECK(unlinkat(dir, INDEX_FILE, 0) == 0);
	close(fd);
}

/* --- sessions ----------------------------------------------------------- */

static struct message *
some_message(struct mailbox *b)
{
	struct message *m = b->count ? &b->messages[any(b->count)] : NULL;
	return m && !m->gone ? m : NULL;
}

/* Where the file is now. */
static void
learn_name(struct mailbox *b, struct message *m)
{
	unsigned n = number_of(mailbox_name(b, m));
	mailbox_path(b, m, names[n]);
}

static void
store(struct mailbox *b)
{
	CHECK(mailbox_lock(b) && mailbox_sync(b));
	struct message *m = some_message(b);
	uint32_t uid = m ? m->uid : 0;
	if (m && mailbox_set_flags(b, m, any(2) ? FLAG_SEEN : FLAG_DRAFT) &&
	    (m = mailbox_find(b, uid)) && !m->gone)
		learn_name(b, m);
	mailbox_note_changes(b);
	mailbox_unlock(b);
}

static void
expunge(struct mailbox *b)
{
	CHECK(mailbox_lock(b) && mailbox_sync(b));
	struct message *m = some_message(b);
	unsigned n = m ? number_of(mailbox_name(b, m)) : 0;
	if (m && mailbox_remove(b, m))
		names[n][0] = 0;
	mailbox_settle(b);
	mailbox_unlock(b);
}

static void
append(void)
{
	struct mailbox b;
	uint32_t uid;
	unsigned n = files;
	CHECK(mailbox_open(&b, dir, "", false) && mailbox_lock(&b));
	make(any(2));
	if (n < files) {
		char const *base = names[n] + 4;
		CHECK(uidlist_give(&b.uids, base,
		    flags_base(base, strlen(base)), &uid));
		CHECK(mailbox_flush_uids(&b));
		mailbox_add(&b, uid, names[n]);
		mailbox_note_changes(&b);
	}
	mailbox_close(&b);
}

static void
reopen(struct mailbox *b)
{
	mailbox_close(b);
	CHECK(mailbox_open(b, dir, "", any(4) != 0));
}

/* --- what has to hold ------------------------------------------------------- */

static bool
is_there(unsigned n, char path[32])
{
	static char const *const forms[] = { "cur/%u.m:2,", "cur/%u.m:2,F",
		"cur/%u.m:2,S", "cur/%u.m:2,D", "new/%u.m" };
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		char form[32];
		snprintf(form, sizeof form, "%s", forms[i]);
		char *at = strstr(form, "%u");
		snprintf(path, 32, "%.*s%u%s", (int)(at - form), form, n,
		    at + 2);
		if (faccessat(dir, path, F_OK, 0) == 0)
			return true;
	}
	return false;
}

static void
check_view(struct mailbox *b)
{
	char path[32];
	unsigned live = 0;
	unsigned there = 0;
	for (uint32_t i = 0; i < b->count; i++) {
		struct message *m = &b->messages[i];
		if (m->gone)
			continue;
		live++;
		unsigned n = number_of(mailbox_name(b, m));
		CHECK(m->uid < UIDS && is_there(n, path));
		CHECK(strcmp(mailbox_name(b, m), path + 4) == 0);
		CHECK(m->flags == flags_of_name(path + 4, strlen(path + 4)));
		CHECK(m->modseq && m->modseq <= b->highest_modseq);
		CHECK(!file_of_uid[m->uid] || file_of_uid[m->uid] == n + 1);
		file_of_uid[m->uid] = n + 1;
	}
	for (unsigned n = 0; n < files; n++)
		there += is_there(n, path);
	CHECK(live == there);
}

/* A client comes, and is told what is new since it left. */
static void
visit(void)
{
	struct mailbox b;
	struct sequence gone = SEQUENCE_ZERO;
	CHECK(mailbox_open(&b, dir, "", true) && mailbox_sync(&b));
	check_view(&b);
	CHECK(b.highest_modseq >= known_highest);
	CHECK(mailbox_vanished(&b, known_highest, NULL, &gone));
	for (uint32_t uid = 1; uid < UIDS; uid++) {
		struct message const *m = mailbox_find(&b, uid);
		if (!m && known_flags[uid] >= 0)
			CHECK(sequence_has(&gone, uid));
		if (m && known_flags[uid] != (int)m->flags)
			CHECK(m->modseq > known_highest);
		CHECK(!m || !sequence_has(&gone, uid));
		known_flags[uid] = m ? (int)m->flags : -1;
	}
	known_highest = b.highest_modseq;
	for (uint32_t i = 0; i < b.count; i++)
		learn_name(&b, &b.messages[i]);
	stralloc_free(&gone.ranges);
	mailbox_close(&b);
}

static void
step(void)
{
	struct mailbox *b = &sessions[any(SESSIONS)];
	switch (any(12)) {
	case 0:
		make(true);
		break;
	case 1:
		make(false);
		break;
	case 2:
		rename_some();
		break;
	case 3:
		remove_some();
		break;
	case 4:
		if (any(8) == 0)
			spoil_index();
		break;
	case 5:
		append();
		break;
	case 6:
		store(b);
		break;
	case 7:
		if (any(2))
			expunge(b);
		break;
	case 8:
		reopen(b);
		break;
	case 9:
		visit();
		break;
	default:
		b->relook = b->relook ? 1 : 0; /* time has passed */
		CHECK(mailbox_sync(b));
		check_view(b);
		mailbox_forget(b);
	}
}

int
main(int argc, char **argv)
{
	char path[] = "/tmp/test-mailbox.XXXXXX";
	char command[64];
	srandom(argc > 1 ? (unsigned)atoi(argv[1]) : 1);
	if (!mkdtemp(path))
		return 1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(mkdirat(dir, "cur", 0700) == 0 &&
	    mkdirat(dir, "new", 0700) == 0 && mkdirat(dir, "tmp", 0700) == 0);
	memset(known_flags, 0xff, sizeof known_flags);
	for (int i = 0; i < 20; i++)
		make(false);
	for (int i = 0; i < SESSIONS; i++)
		CHECK(mailbox_open(&sessions[i], dir, "", i > 0));
	for (int i = 0; i < STEPS && !check_failed; i++)
		step();
	visit();
	for (int i = 0; i < SESSIONS; i++)
		mailbox_close(&sessions[i]);
	snprintf(command, sizeof command, "rm -rf %s", path);
	CHECK(system(command) == 0);
	return check_failed;
}
