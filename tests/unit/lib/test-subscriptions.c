/* SPDX-License-Identifier: ISC */
/* lib/subscriptions: both versions of Dovecot's file, locks. */
#include "subscriptions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failures;
static int root;

static void
check(bool good, char const *what)
{
	if (good)
		return;
	printf("failed: %s (%s)\n", what, strerror(errno));
	failures++;
}

static void
put(char const *name, char const *text, size_t len)
{
	int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	check(write(fd, text, len) == (ssize_t)len, "put");
	close(fd);
}

static bool
file_is(char const *text, size_t len)
{
	char buf[4096];
	int fd = openat(root, "subscriptions", O_RDONLY);
	ssize_t n = read(fd, buf, sizeof buf);
	close(fd);
	return n == (ssize_t)len && memcmp(buf, text, len) == 0 &&
	    faccessat(root, "subscriptions.lock", F_OK, 0) < 0;
}

static bool
list_is(char const *text)
{
	stralloc names = STRALLOC_ZERO;
	bool same = subscriptions_read(root, &names) && stralloc_0(&names) &&
	    strcmp(names.s, text) == 0;
	stralloc_free(&names);
	return same;
}

#define PUT(text)  put("subscriptions", text, sizeof text - 1)
#define FILE_IS(t) file_is(t, sizeof t - 1)

static void
test_version_2(void)
{
	check(list_is(""), "no file: none");
	check(subscriptions_change(root, "Junk", false), "off when not on");
	check(faccessat(root, "subscriptions", F_OK, 0) < 0, "no file made");
	check(subscriptions_change(root, "Junk", true), "on");
	check(FILE_IS("V\t2\n\nJunk\n"), "new file");
	check(subscriptions_change(root, "Work.Sub", true), "levels");
	check(FILE_IS("V\t2\n\nJunk\nWork\tSub\n"), "TAB between levels");
	check(subscriptions_change(root, "Junk", true), "again");
	check(list_is("Junk\nWork.Sub\n"), "once each");
	check(subscriptions_change(root, "Junk", false), "off");
	check(FILE_IS("V\t2\n\nWork\tSub\n"), "gone");
	/* lines we cannot speak of stay, and are not shown */
	PUT("V\t2\n\na\001tb\nx.y\nSent\nSent");
	check(list_is("Sent\nSent\n"), "odd lines");
	check(subscriptions_change(root, "Sent", true), "twice there");
	check(FILE_IS("V\t2\n\na\001tb\nx.y\nSent\n"), "odd lines stay");
	check(subscriptions_change(root, "Sent", false), "off");
	check(FILE_IS("V\t2\n\na\001tb\nx.y\n"), "Sent is off");
}

static void
test_version_1(void)
{
	PUT("Sent\nWork.Sub\n");
	check(list_is("Sent\nWork.Sub\n"), "version 1");
	check(subscriptions_change(root, "Work.Other", true), "on");
	check(FILE_IS("Sent\nWork.Sub\nWork.Other\n"), "stays version 1");
}

static void
test_refused(void)
{
	PUT("V\t2\n\nSent\n");
	check(!subscriptions_change(root, "", true) && errno == EINVAL, "\"\"");
	check(!subscriptions_change(root, "a\nb", true) && errno == EINVAL,
	    "LF in a name");
	check(FILE_IS("V\t2\n\nSent\n"), "unchanged");
}

static void
test_locks(void)
{
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	put("subscriptions.lock", "1:host", 6);
	utimensat(root, "subscriptions.lock", old, 0);
	check(subscriptions_change(root, "Junk", true), "stale lock");
	check(FILE_IS("V\t2\n\nSent\nJunk\n"), "changed");
	put("subscriptions.lock", "1:host", 6);
	check(!subscriptions_change(root, "Drafts", true) && errno == EAGAIN,
	    "locked");
	unlinkat(root, "subscriptions.lock", 0);
	check(FILE_IS("V\t2\n\nSent\nJunk\n"), "unchanged");
	unlinkat(root, "subscriptions", 0);
	check(symlinkat("elsewhere", root, "subscriptions") == 0, "symlink");
	check(!subscriptions_change(root, "Drafts", true), "symbolic link");
}

int
main(void)
{
	char dir[] = "/tmp/test-subscriptions.XXXXXX";
	if (!mkdtemp(dir))
		return 1;
	root = open(dir, O_RDONLY | O_DIRECTORY);
	test_version_2();
	test_version_1();
	test_refused();
	test_locks();
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", dir);
	check(system(command) == 0, "clean up");
	return failures != 0;
}
