/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "lib/hash-file.h"

enum { BUCKETS = 4, NOW = 1000, ADDS = 500, CHILDREN = 4 };

static struct hash_file file;

static void
make_key(unsigned char key[HASH_FILE_KEY], unsigned int n)
{
	memset(key, 0, HASH_FILE_KEY);
	memcpy(key, &n, sizeof n);
}

static void
put(unsigned int n, int64_t expires, unsigned char value)
{
	unsigned char key[HASH_FILE_KEY];
	struct hash_change c;
	make_key(key, n);
	hash_file_begin(&file, key, NOW, &c);
	c.record.expires = expires;
	c.record.data[0] = value;
	CHECK(hash_file_end(&file, &c));
}

/* -1: not there */
static int
get(unsigned int n, int64_t now)
{
	unsigned char key[HASH_FILE_KEY];
	struct hash_record r;
	make_key(key, n);
	return hash_file_get(&file, key, now, &r) ? r.data[0] : -1;
}

static void
test_records(void)
{
	CHECK(hash_file_open(&file, "t", BUCKETS));
	CHECK(get(1, NOW) == -1);
	put(1, NOW + 10, 7);
	put(2, NOW + 20, 8);
	CHECK(get(1, NOW) == 7 && get(2, NOW) == 8 && get(3, NOW) == -1);
	CHECK(get(1, NOW + 10) == -1 && get(2, NOW + 10) == 8);
	put(1, NOW + 10, 9);
	CHECK(get(1, NOW) == 9);
	put(1, 0, 0);
	CHECK(get(1, NOW) == -1);
	hash_file_close(&file);
	CHECK(hash_file_open(&file, "t", BUCKETS));
	CHECK(get(2, NOW) == 8);
	hash_file_close(&file);
}

/* Where it is full, what expires first goes; the file does not grow. */
static void
test_full(void)
{
	struct stat before, after;
	struct hash_record r;
	unsigned int found = 0;
	CHECK(hash_file_open(&file, "full", BUCKETS));
	CHECK(fstat(file.fd, &before) == 0);
	put(0, INT64_MAX, 1);
	for (unsigned int i = 1; i < 1000; i++)
		put(i, NOW + i, 2);
	CHECK(get(0, NOW) == 1);
	CHECK(get(999, NOW) == 2 && get(1, NOW) == -1);
	for (uint32_t pos = 0; hash_file_next(&file, &pos, NOW, &r);)
		found++;
	CHECK(found == BUCKETS * HASH_FILE_BUCKET);
	CHECK(fstat(file.fd, &after) == 0 && after.st_size == before.st_size);
	hash_file_close(&file);
}

/* Many at once lose no count. */
static void
add_many(unsigned int n)
{
	unsigned char key[HASH_FILE_KEY];
	make_key(key, n);
	for (int i = 0; i < ADDS; i++) {
		struct hash_change c;
		uint32_t count;
		hash_file_begin(&file, key, NOW, &c);
		memcpy(&count, c.record.data, sizeof count);
		count++;
		memcpy(c.record.data, &count, sizeof count);
		c.record.expires = NOW + 1;
		hash_file_end(&file, &c);
	}
}

static void
test_parallel(void)
{
	unsigned char key[HASH_FILE_KEY];
	struct hash_record r;
	uint32_t count = 0;
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0) {
			if (!hash_file_open(&file, "parallel", BUCKETS))
				_exit(1);
			add_many(5);
			_exit(0);
		}
	int status, failed = 0;
	while (wait(&status) > 0)
		failed += status != 0;
	CHECK(failed == 0);
	CHECK(hash_file_open(&file, "parallel", BUCKETS));
	make_key(key, 5);
	CHECK(hash_file_get(&file, key, NOW, &r));
	memcpy(&count, r.data, sizeof count);
	CHECK(count == CHILDREN * ADDS);
	hash_file_close(&file);
}

static void
write_file(char const *name, char const *s, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && write(fd, s, len) == (ssize_t)len);
	close(fd);
}

/* Whatever lies there: it is made anew and works. */
static void
check_remade(void)
{
	CHECK(hash_file_open(&file, "bad", BUCKETS));
	put(1, NOW + 1, 3);
	CHECK(get(1, NOW) == 3);
	hash_file_close(&file);
}

static void
test_damage(void)
{
	char noise[4096];
	memset(noise, 'x', sizeof noise);
	check_remade();
	write_file("bad", "", 0);
	check_remade();
	write_file("bad", noise, sizeof noise);
	check_remade();
	CHECK(truncate("bad", 1500) == 0);
	check_remade();
	CHECK(unlink("bad") == 0 && symlink("/etc/passwd", "bad") == 0);
	check_remade();
	CHECK(unlink("bad") == 0 && mkfifo("bad", 0600) == 0);
	check_remade();
	/* noise behind a good head: records with a wrong check are none */
	CHECK(hash_file_open(&file, "bad", BUCKETS));
	for (off_t at = 1024; at < 1024 + BUCKETS * 1024; at += 1024)
		CHECK(pwrite(file.fd, noise, 1024, at) == 1024);
	CHECK(get(1, NOW) == -1);
	hash_file_close(&file);
	check_remade();
}

/* Cut while it is open: nothing is found, nothing crashes. */
static void
test_cut(void)
{
	CHECK(hash_file_open(&file, "cut", BUCKETS));
	put(1, NOW + 1, 3);
	CHECK(truncate("cut", 0) == 0);
	CHECK(get(1, NOW) == -1);
	put(1, NOW + 1, 3);
	hash_file_close(&file);
	CHECK(hash_file_open(&file, "cut", BUCKETS));
	CHECK(get(1, NOW) == -1);
	hash_file_close(&file);
}

static void
test_none(void)
{
	CHECK(
	    mkdir("dir", 0700) == 0 && !hash_file_open(&file, "dir", BUCKETS));
	CHECK(file.fd == -1 && get(1, NOW) == -1);
	struct hash_change c;
	unsigned char key[HASH_FILE_KEY] = { 0 };
	hash_file_begin(&file, key, NOW, &c);
	CHECK(!c.found && !hash_file_end(&file, &c));
}

static void
test_notes(void)
{
	unsigned char notes[HASH_FILE_NOTES];
	CHECK(hash_file_open(&file, "notes", BUCKETS));
	hash_file_notes(&file, notes);
	CHECK(notes[0] == 0 && notes[HASH_FILE_NOTES - 1] == 0);
	notes[3] = 9;
	CHECK(hash_file_note(&file, notes));
	hash_file_close(&file);
	CHECK(hash_file_open(&file, "notes", BUCKETS));
	memset(notes, 0, sizeof notes);
	hash_file_notes(&file, notes);
	CHECK(notes[3] == 9);
	hash_file_close(&file);
}

int
main(void)
{
	char dir[] = "test-hash-file.XXXXXX";
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	setenv("BESACE_VAR", ".", 1);
	test_records();
	test_full();
	test_parallel();
	test_damage();
	test_cut();
	test_none();
	test_notes();
	return check_failed;
}
