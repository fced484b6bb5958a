/* SPDX-License-Identifier: ISC */
/* A view of a directory in which another program renames files just as they are
 * read: readdir then misses some, which is no reason to call them gone. */
#include "imap-session/mailbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failures;
static int dir;

/* What readdir does not show, and how many times it does not. */
static char const *missed;
static int misses;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

static void
touch(char const *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT, 0600);
	check(fd >= 0, "create", name);
	close(fd);
}

/* Changes cur/ as a rename does. */
static void
disturb(void)
{
	static int n;
	struct timespec times[2] = { { 1, 0 }, { 1, ++n } };
	check(utimensat(dir, "cur", times, 0) == 0, "touch", "cur");
}

/* In place of the C library's. */
struct dirent *
readdir(DIR *d)
{
	for (;;) {
		struct dirent64 *e = readdir64(d);
		struct dirent *same;
		memcpy(&same, &e, sizeof same);
		if (!e || !missed || misses <= 0 ||
		    strncmp(e->d_name, missed, strlen(missed)) != 0)
			return same;
		misses--;
		disturb();
	}
}

static void
miss(char const *name, int times)
{
	missed = name;
	misses = times;
}

static void
put_messages(int from, int to)
{
	char name[64];
	for (int i = from; i <= to; i++) {
		snprintf(name, sizeof name, "cur/%d.m:2,", i);
		touch(name);
	}
}

static bool
is_there(struct mailbox *b, uint32_t uid)
{
	struct message const *m = mailbox_find(b, uid);
	return m && !m->gone;
}

static void
sync_mailbox(struct mailbox *b, char const *what)
{
	b->dirty = true;
	check(mailbox_sync(b), "sync", what);
}

static void
test_missed(struct mailbox *b)
{
	sync_mailbox(b, "start");
	check(b->count == 12 && b->uids.next == 13, "count", "start");

	miss("11.", 100);
	sync_mailbox(b, "missed each time");
	check(is_there(b, 2), "kept", "missed each time");
	check(misses < 99, "looked at again", "missed each time");
	struct message const *m = mailbox_find(b, 2);
	check(m && strcmp(mailbox_name(b, m), "11.m:2,") == 0, "name",
	    "missed each time");
	check(b->dirty, "look soon", "missed each time");

	miss(NULL, 0);
	check(renameat(dir, "cur/11.m:2,", dir, "cur/11.m:2,S") == 0, "rename",
	    "");
	sync_mailbox(b, "found");
	check(is_there(b, 2) && mailbox_find(b, 2)->flags & FLAG_SEEN, "flags",
	    "found");
}

/* Missed by one look, found by the next: shown at once. */
static void
test_first_look(int root)
{
	struct mailbox b;
	check(mailbox_open(&b, root, "", true), "open", "first look");
	disturb(); /* the index may be old enough to be believed */
	miss("12.", 2);
	sync_mailbox(&b, "first look");
	check(misses == 0 && b.count == 12 && is_there(&b, 3), "all shown",
	    "first look");
	miss(NULL, 0);
	mailbox_close(&b);
}

static void
test_gone(struct mailbox *b)
{
	check(unlinkat(dir, "cur/11.m:2,S", 0) == 0, "unlink", "");
	sync_mailbox(b, "gone");
	check(!is_there(b, 2) && is_there(b, 3), "gone", "");
	mailbox_forget(b);
	check(b->count == 11, "count", "gone");
}

/* The list is made shorter, but not by a message that was only missed. */
static void
test_compact(struct mailbox *b)
{
	char name[64];
	put_messages(100, 400);
	sync_mailbox(b, "many");
	uint32_t last = b->messages[b->count - 1].uid;
	for (int i = 100; i < 400; i++) {
		snprintf(name, sizeof name, "cur/%d.m:2,", i);
		check(unlinkat(dir, name, 0) == 0, "unlink", name);
	}
	miss("400.", 100);
	sync_mailbox(b, "compact");
	miss(NULL, 0);
	sync_mailbox(b, "after");
	check(is_there(b, last) && b->uids.next == last + 1, "UID", "after");
	check(b->uids.count == 12, "made shorter", "after");
}

int
main(void)
{
	char path[] = "/tmp/test-mailbox.XXXXXX";
	if (!mkdtemp(path))
		return 1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check(mkdirat(dir, "cur", 0700) == 0 &&
	        mkdirat(dir, "new", 0700) == 0 &&
	        mkdirat(dir, "tmp", 0700) == 0,
	    "make", path);
	put_messages(10, 21);

	struct mailbox b;
	check(mailbox_open(&b, dir, "", true), "open", path);
	test_missed(&b);
	test_first_look(dir);
	test_gone(&b);
	test_compact(&b);
	mailbox_close(&b);

	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", path);
	check(system(command) == 0, "remove", path);
	return failures != 0;
}
