/* SPDX-License-Identifier: ISC */
/* besace.cache: what is found in it is what was put, however the file was
 * damaged; and its records of header fields. */
#include "imap-session/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"
#include "imap-session/cached-fields.h"
#include "imap-session/sort-facts.h"

enum { MESSAGES = 300 };

static int failures;
static int dir;
static struct message messages[MESSAGES];
static stralloc names = STRALLOC_ZERO;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

static struct mailbox
mailbox_of(uint32_t count)
{
	return (struct mailbox){ .dir = dir,
		.writable = true,
		.validity = 7,
		.messages = messages,
		.count = count,
		.names = names };
}

static void
make_messages(void)
{
	char name[32];
	for (uint32_t i = 0; i < MESSAGES; i++) {
		int n = snprintf(name, sizeof name, "%u.name:2,S", i);
		messages[i] = (struct message){ .uid = i + 1,
			.name = (uint32_t)names.len,
			.len = (uint8_t)n,
			.base = (uint8_t)(n - 4),
			.base_sum = i };
		check(stralloc_catb(&names, name, (size_t)n + 1), "room", name);
	}
}

/* What is known of message I: "KIND I" and filling. */
static size_t
text_of(uint32_t i, unsigned kind, char text[1024])
{
	int n = snprintf(text, 1024, "%u %u", kind, i);
	memset(text + n, '.', 1024 - (size_t)n);
	return (size_t)n + i % 200;
}

static void
put(struct mailbox *b, uint32_t from, uint32_t to, unsigned kind)
{
	struct cache c = CACHE_ZERO;
	char text[1024];
	for (uint32_t i = from; i < to; i++) {
		size_t len = text_of(i, kind, text);
		cache_put(&c, b, &messages[i], kind, text, len);
	}
	cache_write(&c, b);
	cache_close(&c);
}

/* How many of them are there; each must be right. */
static int
count(struct mailbox *b, uint32_t from, uint32_t to, unsigned kind)
{
	struct cache c = CACHE_ZERO;
	char text[1024];
	char const *s;
	size_t len;
	int found = 0;
	for (uint32_t i = from; i < to; i++) {
		if (!cache_get(&c, b, &messages[i], kind, &s, &len))
			continue;
		found++;
		check(len == text_of(i, kind, text) && !memcmp(s, text, len),
		    "fact", text);
	}
	cache_close(&c);
	return found;
}

static void
start_anew(void)
{
	unlinkat(dir, CACHE_FILE, 0);
}

static off_t
size_of_file(void)
{
	struct stat st;
	return fstatat(dir, CACHE_FILE, &st, 0) == 0 ? st.st_size : -1;
}

static void
test_put(void)
{
	struct mailbox b = mailbox_of(10);
	start_anew();
	put(&b, 5, 10, FACT_ENVELOPE);
	put(&b, 0, 10, FACT_SIZE);
	put(&b, 0, 5, FACT_ENVELOPE);
	check(count(&b, 0, 10, FACT_ENVELOPE) == 10, "there", "envelopes");
	check(count(&b, 0, 10, FACT_SIZE) == 10, "there", "sizes");
	check(count(&b, 0, 10, FACT_BODY) == 0, "not there", "bodies");

	b.validity = 8;
	check(count(&b, 0, 10, FACT_SIZE) == 0, "not there", "UIDVALIDITY");
	b.validity = 7;
	messages[3].base_sum++;
	check(count(&b, 0, 10, FACT_SIZE) == 9, "not there", "other name");
	messages[3].base_sum--;
	messages[4].gone = true;
	check(count(&b, 0, 10, FACT_SIZE) == 9, "not there", "gone");
	messages[4].gone = false;
}

static void
test_not_written(void)
{
	struct mailbox b = mailbox_of(10);
	start_anew();
	b.writable = false;
	put(&b, 0, 10, FACT_SIZE);
	check(size_of_file() < 0, "no file", "read-only");
	b.writable = true;
	put(&b, 0, 10, FACT_SIZE);
	off_t size = size_of_file();
	b.writable = false;
	put(&b, 0, 10, FACT_SIZE);
	check(size_of_file() == size, "same file", "read-only");
	check(count(&b, 0, 10, FACT_SIZE) == 10, "there", "read-only");

	b.writable = true;
	int fd = openat(dir, CACHE_FILE, O_RDWR | O_CLOEXEC);
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	check(fcntl(fd, F_OFD_SETLK, &whole) == 0, "lock", CACHE_FILE);
	put(&b, 0, 10, FACT_ENVELOPE);
	check(size_of_file() == size, "same file", "locked");
	close(fd);
}

static void
write_file(stralloc const *text, size_t len)
{
	int fd = openat(dir, CACHE_FILE,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	check(fd >= 0 && file_write(fd, text->s, len), "write", CACHE_FILE);
	close(fd);
}

/* Each octet changed, and each length: nothing wrong is found, and what is put
 * then is. */
static void
test_damage(void)
{
	struct mailbox b = mailbox_of(4);
	stralloc whole = STRALLOC_ZERO;
	start_anew();
	put(&b, 0, 2, FACT_ENVELOPE);
	put(&b, 2, 4, FACT_ENVELOPE);
	int fd = openat(dir, CACHE_FILE, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && file_read(fd, &whole, 1 << 20), "read", CACHE_FILE);
	close(fd);
	for (size_t i = 0; i < whole.len; i++) {
		char was = whole.s[i];
		whole.s[i] = (char)(was ^ 0x11);
		write_file(&whole, whole.len);
		whole.s[i] = was;
		check(count(&b, 0, 4, FACT_ENVELOPE) < 4, "seen", "damage");
	}
	for (size_t i = 0; i < whole.len; i++) {
		write_file(&whole, i);
		int left = count(&b, 0, 4, FACT_ENVELOPE);
		check(left == 0 || left == 2, "cut", "damage");
		put(&b, 0, 4, FACT_SIZE);
		check(count(&b, 0, 4, FACT_SIZE) == 4, "put after", "damage");
		check(count(&b, 0, 4, FACT_ENVELOPE) == left, "kept", "damage");
	}
	stralloc_free(&whole);
}

static void
test_rewrite(void)
{
	struct mailbox b = mailbox_of(MESSAGES - 1);
	start_anew();
	for (unsigned kind = 0; kind < FACTS; kind++)
		put(&b, 0, MESSAGES - 1, kind);
	off_t before = size_of_file();
	put(&b, 0, 1, FACT_SIZE);
	check(size_of_file() > before, "grown", "rewrite");
	for (uint32_t i = 0; i < MESSAGES / 2; i++)
		messages[i].gone = true;
	/* A message that this session has not seen yet. */
	put(&b, MESSAGES - 1, MESSAGES, FACT_SIZE);
	check(size_of_file() < before * 2 / 3, "smaller", "rewrite");
	for (unsigned kind = 0; kind < FACTS; kind++)
		check(count(&b, MESSAGES / 2, MESSAGES - 1, kind) ==
		        MESSAGES / 2 - 1,
		    "kept", "rewrite");
	check(count(&b, MESSAGES - 1, MESSAGES, FACT_SIZE) == 1, "added",
	    "rewrite");
	for (uint32_t i = 0; i < MESSAGES / 2; i++)
		messages[i].gone = false;
	check(count(&b, 0, MESSAGES / 2, FACT_SIZE) == 0, "dropped", "rewrite");
}

/* What came in many small writes becomes a few large ones. */
static void
test_small_writes(void)
{
	struct mailbox b = mailbox_of(MESSAGES);
	off_t most = 0;
	int smaller = 0;
	start_anew();
	for (unsigned kind = 0; kind < 2; kind++)
		for (uint32_t i = 0; i < MESSAGES; i++) {
			put(&b, i, i + 1, kind);
			smaller += size_of_file() < most;
			most = size_of_file();
		}
	check(smaller == 1, "rewritten once", "small writes");
	for (unsigned kind = 0; kind < 2; kind++)
		check(count(&b, 0, MESSAGES, kind) == MESSAGES, "kept",
		    "small writes");
}

/* Two sessions that take turns see what the other one found, also when the
 * file is made anew in between. */
static void
test_turns(void)
{
	struct mailbox b = mailbox_of(MESSAGES);
	struct cache one = CACHE_ZERO;
	char const *s;
	size_t len;
	start_anew();
	cache_put(&one, &b, &messages[0], FACT_SIZE, "a", 1);
	cache_write(&one, &b);
	put(&b, 1, 2, FACT_SIZE);
	check(cache_get(&one, &b, &messages[1], FACT_SIZE, &s, &len), "got",
	    "turns");
	cache_write(&one, &b);
	start_anew();
	put(&b, 2, 3, FACT_SIZE);
	check(cache_get(&one, &b, &messages[2], FACT_SIZE, &s, &len), "got",
	    "turns, new file");
	cache_put(&one, &b, &messages[3], FACT_SIZE, "bc", 2);
	check(!cache_get(&one, &b, &messages[0], FACT_SIZE, &s, &len),
	    "not there", "turns, new file");
	cache_write(&one, &b);
	check(cache_get(&one, &b, &messages[3], FACT_SIZE, &s, &len) &&
	        len == 2 && memcmp(s, "bc", 2) == 0,
	    "got own", "turns, new file");
	cache_close(&one);
}

static void
test_fields(void)
{
	static char const header[] =
	    "SUBJECT: a\n b\nX-Other: no\nFrom: c\0d\r\n"
	    "to: e\nsubject : f\n\nFrom: body\n";
	struct cached_fields f;
	stralloc record = STRALLOC_ZERO;
	stralloc out = STRALLOC_ZERO;
	uint64_t wanted = cached_field("subject", 7) | cached_field("fROM", 4);
	check(!cached_field("X-Other", 7) && !cached_field("Fro", 3),
	    "not kept", "fields");
	check(cached_fields_pack(header, sizeof header - 1, &record) &&
	        cached_fields_open(&f, record.s, record.len) &&
	        cached_fields_put(&f, wanted, &out),
	    "pack", "fields");
	static char const want[] = "SUBJECT: a\r\n b\r\nFrom: c\x80"
	                           "d\r\nsubject : f\r\n";
	check(out.len == sizeof want - 1 && memcmp(out.s, want, out.len) == 0,
	    "put", "fields");
	for (size_t i = 0; i < record.len; i++) {
		out.len = 0;
		if (cached_fields_open(&f, record.s, i))
			check(cached_fields_put(&f, UINT64_MAX, &out) &&
			        out.len <= i,
			    "put", "cut fields");
	}
	stralloc_free(&record);
	stralloc_free(&out);
}

static void
test_sort_facts(void)
{
	struct sort_order_fact order = { true, true, -5, bytes_of("PEARS") };
	struct sort_order_fact back;
	struct sort_ids_fact ids = { bytes_of("<a@b>"), bytes_of(""),
		bytes_of("<c@d>") };
	struct sort_ids_fact ids_back;
	stralloc record = STRALLOC_ZERO;
	check(sort_order_pack(&order, &record) &&
	        sort_order_open(&back, record.s, record.len) && back.reply &&
	        back.has_date && back.date == -5 &&
	        bytes_are(back.subject, "PEARS"),
	    "there", "order");
	for (size_t i = 0; i < 12; i++)
		check(!sort_order_open(&back, record.s, i), "cut", "order");
	check(sort_ids_pack(&ids, &record) &&
	        sort_ids_open(&ids_back, record.s, record.len) &&
	        bytes_are(ids_back.id, "<a@b>") && !ids_back.references.len &&
	        bytes_are(ids_back.in_reply_to, "<c@d>"),
	    "there", "ids");
	for (size_t i = 0; i < record.len; i++)
		check(!sort_ids_open(&ids_back, record.s, i), "cut", "ids");
	stralloc_free(&record);
}

int
main(void)
{
	char path[] = "/tmp/test-cache.XXXXXX";
	if (!mkdtemp(path))
		return 1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check(mkdirat(dir, "tmp", 0700) == 0, "make", path);
	make_messages();
	test_put();
	test_not_written();
	test_damage();
	test_rewrite();
	test_small_writes();
	test_turns();
	test_fields();
	test_sort_facts();
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", path);
	check(system(command) == 0, "remove", path);
	return failures != 0;
}
