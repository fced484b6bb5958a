/* SPDX-License-Identifier: ISC */
/* dovecot-uidlist and dovecot-keywords: what is read, what is refused, what is
 * written, and that nothing is lost on the way. */
#include "uidlist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "keywords.h"
#include "lock.h"
#include "uidvalidity.h"

static int failures;
static int dir;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

static char const *const good[] = {
	"3 V1 N1\n",
	"3 N4 V7 G610f2534399a006b347d000083ecc375\n1 :a\n3 W5 S3 :b:c\n",
	"3 V1 N1\n7 :a,S=1,W=2\n9 P000 G1 :b\n",
	"3 V1 N1 Xfuture\n1 Zx :a\n",
	"3 V1 N1\n1 :a\n2 :a\n",
	"1 5 9\n1 a\n8 b c\n",
	"3 V1 N1\n4294967294 :a\n",
};

static char const *const bad[] = {
	"3\n",
	"3 V0 N1\n",
	"3 V1 N0\n",
	"3 V1\n",
	"3 V1x N1\n",
	"2 V1 N1\n",
	"junk\n",
	"3 V1 N1\n0 :a\n",
	"3 V1 N1\n2 :a\n2 :b\n",
	"3 V1 N1\n2 :a\n1 :b\n",
	"3 V1 N1\n4294967295 :a\n",
	"3 V1 N1\n4294967296 :a\n",
	"3 V1 N1\n1 :a/b\n",
	"3 V1 N1\n1 :\n",
	"3 V1 N1\n1 a\n",
	"3 V1 N1\n1\n",
	"3 V1 N1\n\n",
	"3 V1 N1\n-1 :a\n",
};

static void
test_parse(void)
{
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct uidlist u;
		uidlist_init(&u);
		check(uidlist_parse(&u, good[i], strlen(good[i])), "good",
		    good[i]);
		uidlist_clear(&u);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct uidlist u;
		uidlist_init(&u);
		check(!uidlist_parse(&u, bad[i], strlen(bad[i])) &&
		        errno == EPROTO,
		    "bad", bad[i]);
		uidlist_clear(&u);
	}
}

static void
write_list(char const *text)
{
	unlinkat(dir, UIDLIST_FILE, 0);
	int fd = openat(dir, UIDLIST_FILE, O_WRONLY | O_CREAT, 0600);
	check(fd >= 0 && file_write(fd, text, strlen(text)), "write", text);
	close(fd);
}

static void
expect_file(char const *name, char const *want)
{
	stralloc text = STRALLOC_ZERO;
	int fd = openat(dir, name, O_RDONLY);
	check(fd >= 0 && file_read(fd, &text, 1 << 20) && stralloc_0(&text) &&
	        strcmp(text.s, want) == 0,
	    want, text.s ? text.s : "(none)");
	if (fd >= 0)
		close(fd);
	stralloc_free(&text);
}

static void
test_append(void)
{
	struct uidlist u;
	struct uidlist reader;
	uint32_t uid = 0;
	uidlist_init(&u);
	uidlist_init(&reader);
	/* N behind the last UID: the file's own lines count */
	write_list("3 V5 N2 Gabc\n1 :a\n7 W3 :b\n");
	check(uidlist_load(&u, dir) == 1 && u.next == 8, "load", "");
	check(uidlist_load(&reader, dir) == 1, "load", "reader");
	check(uidlist_give(&u, "c", 1, &uid) && uid == 8 &&
	        uidlist_give(&u, "d", 1, &uid) && uid == 9 &&
	        uidlist_flush(&u, dir),
	    "give", "");
	expect_file(UIDLIST_FILE, "3 V5 N2 Gabc\n1 :a\n7 W3 :b\n8 :c\n9 :d\n");
	check(uidlist_load(&reader, dir) == 1 && reader.next == 10 &&
	        uidlist_find(&reader, "d", 1) &&
	        uidlist_find(&reader, "d", 1)->uid == 9 &&
	        !uidlist_find(&reader, "e", 1),
	    "reader follows", "");
	check(!uidlist_give(&u, "x\ny", 3, &uid), "LF in a name", "");
	/* dead lines go, what else they say stays, N keeps the UIDs */
	for (size_t i = 0; i < u.count; i++)
		u.records[i].file = i == 1;
	check(uidlist_compact(&u, dir), "compact", "");
	expect_file(UIDLIST_FILE, "3 V5 N10 Gabc\n7 W3 :b\n");
	check(uidlist_load(&reader, dir) == 1 && reader.count == 1 &&
	        reader.next == 10,
	    "reader sees the new file", "");
	uidlist_clear(&u);
	uidlist_clear(&reader);
}

/* Somebody else has written since: nothing of ours is, and nothing is lost. */
static void
test_overtaken(void)
{
	struct uidlist u;
	struct uidlist other;
	uint32_t uid;
	uidlist_init(&u);
	uidlist_init(&other);
	write_list("3 V5 N1\n1 :a\n");
	check(uidlist_load(&u, dir) == 1 && uidlist_load(&other, dir) == 1,
	    "load", "overtaken");
	check(uidlist_give(&u, "mine", 4, &uid) && uid == 2 &&
	        uidlist_give(&other, "another", 7, &uid) && uid == 2 &&
	        uidlist_flush(&other, dir),
	    "give", "overtaken");
	check(!uidlist_flush(&u, dir) && errno == EAGAIN, "flush", "overtaken");
	expect_file(UIDLIST_FILE, "3 V5 N1\n1 :a\n2 :another\n");
	uidlist_clear(&u);
	check(uidlist_load(&u, dir) == 1 && uidlist_give(&u, "mine", 4, &uid) &&
	        uid == 3 && uidlist_flush(&u, dir),
	    "give again", "overtaken");
	expect_file(UIDLIST_FILE, "3 V5 N1\n1 :a\n2 :another\n3 :mine\n");
	/* and a list that was made anew meanwhile is not written over */
	write_list("3 V9 N1\n1 :z\n");
	check(!uidlist_compact(&u, dir) && errno == EAGAIN, "compact",
	    "overtaken");
	expect_file(UIDLIST_FILE, "3 V9 N1\n1 :z\n");
	uidlist_clear(&u);
	uidlist_clear(&other);
}

static void
test_torn(void)
{
	struct uidlist u;
	uint32_t uid;
	uidlist_init(&u);
	write_list("3 V5 N1\n1 :a\n2 :b");
	check(uidlist_load(&u, dir) == 1 && u.count == 1 && u.torn, "torn", "");
	check(uidlist_give(&u, "c", 1, &uid) && uid == 2 &&
	        uidlist_flush(&u, dir),
	    "give after torn", "");
	expect_file(UIDLIST_FILE, "3 V5 N3\n1 :a\n2 :c\n");
	/* version 1 becomes version 3 at the first change */
	write_list("1 5 9\n1 a\n8 b c\n");
	check(uidlist_load(&u, dir) == 1 && u.validity == 5 && u.next == 9,
	    "version 1", "");
	check(uidlist_give(&u, "d", 1, &uid) && uid == 9 &&
	        uidlist_flush(&u, dir),
	    "give in version 1", "");
	expect_file(UIDLIST_FILE, "3 V5 N10\n1 :a\n8 :b c\n9 :d\n");
	unlinkat(dir, UIDLIST_FILE, 0);
	check(uidlist_load(&u, dir) == 0, "none", "");
	write_list("");
	check(uidlist_load(&u, dir) == -1, "empty is damaged", "");
	uidlist_clear(&u);
}

static void
test_keywords(void)
{
	static struct keywords k;
	static struct keywords other;
	char name[KEYWORD_NAME_MAX + 1];
	static char const text[] =
	    "0 kw1\n3 $Forwarded\n26 no\nx y\n2\n4 a(b\n";
	keywords_parse(&k, text, sizeof text - 1);
	check(keywords_find(&k, "KW1", 3) == 1 &&
	        keywords_find(&k, "$forwarded", 10) == 8 &&
	        !keywords_find(&k, "no", 2) && !keywords_find(&k, "y", 1),
	    "keywords", "parse");
	keywords_name(&k, 7, name);
	check(strcmp(name, "unknown-7") == 0, "keywords", name);
	/* letter b is still in a file name */
	check(keywords_add(&k, dir, 2, "new", 3) == 4, "keywords", "add");
	expect_file(KEYWORDS_FILE, "0 kw1\n2 new\n3 $Forwarded\n");
	check(keywords_load(&other, dir) == 1 &&
	        keywords_find(&other, "new", 3) == 4 &&
	        keywords_load(&other, dir) == 0,
	    "keywords", "load");
	for (int i = 0; i < KEYWORDS_MAX; i++) {
		char word[8];
		int n = snprintf(word, sizeof word, "k%d", i);
		keywords_add(&k, dir, 2, word, (size_t)n);
	}
	check(!keywords_add(&k, dir, 2, "more", 4) && errno == EDQUOT,
	    "keywords", "full");
	check(!keywords_add(&k, dir, 0, "a b", 3) && errno == EINVAL,
	    "keywords", "not an atom");
}

static void
test_lock(void)
{
	struct lock l;
	struct lock second;
	char text[64] = "";
	check(lock_take(&l, dir, UIDLIST_LOCK), "lock", "take");
	int fd = openat(dir, UIDLIST_LOCK, O_RDONLY);
	check(fd >= 0 && read(fd, text, sizeof text - 1) > 0 &&
	        strtol(text, NULL, 10) == getpid() && strchr(text, ':'),
	    "lock", text);
	close(fd);
	check(lock_drop(&l) && faccessat(dir, UIDLIST_LOCK, F_OK, 0) < 0,
	    "lock", "drop");
	/* left by a process of this machine that is no more */
	char host[64] = "";
	gethostname(host, sizeof host - 1);
	snprintf(text, sizeof text, "99999999:%.40s", host);
	fd = openat(dir, UIDLIST_LOCK, O_WRONLY | O_CREAT, 0600);
	check(file_write(fd, text, strlen(text)), "lock", "stale");
	close(fd);
	check(lock_take(&second, dir, UIDLIST_LOCK) && lock_drop(&second),
	    "lock", "taken from the dead");
	/* old, whoever made it */
	fd = openat(dir, UIDLIST_LOCK, O_WRONLY | O_CREAT, 0600);
	check(file_write(fd, "1:elsewhere", 11), "lock", "old");
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	futimens(fd, old);
	close(fd);
	check(lock_take(&second, dir, UIDLIST_LOCK) && lock_drop(&second),
	    "lock", "old one");
}

static void
test_validity(void)
{
	uint32_t last = 0;
	for (int i = 0; i < 5; i++) {
		uint32_t value = uidvalidity_next(dir, 0);
		check(value > last, "uidvalidity", "grows");
		last = value;
	}
	check(uidvalidity_next(dir, last + 100) == last + 101, "uidvalidity",
	    "floor");
	char want[16];
	snprintf(want, sizeof want, "%08x", (unsigned)(last + 101));
	expect_file("dovecot-uidvalidity", want);
}

int
main(void)
{
	char name[] = "/tmp/test-uidlist.XXXXXX";
	if (!mkdtemp(name) || (dir = open(name, O_RDONLY | O_DIRECTORY)) < 0)
		return 1;
	test_parse();
	test_append();
	test_overtaken();
	test_torn();
	test_keywords();
	test_lock();
	test_validity();
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", name);
	if (system(command) != 0)
		failures++;
	return failures != 0;
}
