/* SPDX-License-Identifier: ISC */
/* Maps: what was written is found; whatever is cut off or foreign is damaged,
 * never "no such key". Pins what we rely on in tinycdb. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"
#include "lib/file.h"
#include "lib/map.h"

static char dir[] = "/tmp/besace-test-map.XXXXXX";

static char const *
in_dir(char const *name)
{
	static char path[64];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static int
write_map(char const *path, int count)
{
	char key[32];
	struct map_writer *w = map_write_begin(path);
	for (int i = 0; w && i < count; i++) {
		int n = snprintf(key, sizeof key, "key%d", i);
		if (!map_write_add(w, key, (size_t)n, key, (size_t)n))
			return 0;
	}
	return w && map_write_commit(w, 0640);
}

/* A note is no entry, and no key leads to it. */
static void
test_notes(void)
{
	stralloc v = STRALLOC_ZERO, k = STRALLOC_ZERO;
	unsigned int pos = 0;
	struct map_writer *w = map_write_begin(in_dir("n.cdb"));
	CHECK(w && map_write_note(w, "one", "first", 5));
	CHECK(w && map_write_add(w, "key", 3, "value", 5));
	CHECK(w && map_write_note(w, "two", "", 0));
	CHECK(w && !map_write_add(w, "\0one", 4, "x", 1));
	CHECK(w && map_write_commit(w, 0640));
	struct map *m = map_open_file(in_dir("n.cdb"));
	CHECK(m != NULL);
	if (!m)
		return;
	CHECK(map_note(m, "one", &v) == 1 && v.len == 5);
	CHECK(map_note(m, "two", &v) == 1 && v.len == 0);
	CHECK(map_note(m, "three", &v) == 0 && v.len == 0);
	CHECK(map_get(m, "\0one", 4, &v) == 0);
	CHECK(map_get(m, "one", 3, &v) == 0);
	CHECK(map_next(m, &pos, &k, &v) == 1 && k.len == 3);
	CHECK(map_next(m, &pos, &k, &v) == 0);
	map_close(m);
	stralloc_free(&v);
	stralloc_free(&k);
}

static void
test_round_trip(void)
{
	stralloc v = STRALLOC_ZERO;
	stralloc k = STRALLOC_ZERO;
	struct stat st;
	unsigned int pos = 0;
	int n = 0;
	CHECK(write_map(in_dir("a.cdb"), 100));
	CHECK(stat(in_dir("a.cdb"), &st) == 0 && (st.st_mode & 0777) == 0640);
	struct map *m = map_open_file(in_dir("a.cdb"));
	CHECK(m != NULL);
	if (!m)
		return;
	CHECK(map_get(m, "key42", 5, &v) == 1 && v.len == 5);
	CHECK(map_get(m, "key100", 6, &v) == 0);
	CHECK(map_get(m, "", 0, &v) == 0); /* the mark is no entry */
	while (map_next(m, &pos, &k, &v) == 1)
		n++;
	CHECK(n == 100);
	map_close(m);
	CHECK(write_map(in_dir("a.cdb"), 0)); /* an empty map is a map */
	m = map_open_file(in_dir("a.cdb"));
	CHECK(m && map_get(m, "key1", 4, &v) == 0);
	map_close(m);
}

static void
test_cut(void)
{
	stralloc whole = STRALLOC_ZERO;
	CHECK(write_map(in_dir("b.cdb"), 20));
	CHECK(file_slurp(in_dir("b.cdb"), &whole, 100000));
	for (size_t n = 0; n < whole.len; n += 7) {
		CHECK(file_replace(in_dir("c.cdb"), whole.s, n, 0600));
		struct map *m = map_open_file(in_dir("c.cdb"));
		CHECK(!m && errno == EPROTO);
		map_close(m);
	}
	CHECK(stralloc_append(&whole, 'x'));
	CHECK(file_replace(in_dir("c.cdb"), whole.s, whole.len, 0600));
	CHECK(!map_open_file(in_dir("c.cdb")) && errno == EPROTO);
	CHECK(!map_open_file(in_dir("none.cdb")) && errno == ENOENT);
}

/* A cdb of the cdb tool is read, and refused only for want of our mark. */
static void
test_foreign(void)
{
	char command[200];
	stralloc v = STRALLOC_ZERO;
	char const *path = in_dir("d.cdb");
	snprintf(command, sizeof command,
	    "printf '+0,8:->besace 1\\n+3,2:one->xy\\n\\n' | cdb -c %s", path);
	CHECK(system(command) == 0); /* NOLINT(cert-env33-c) */
	struct map *m = map_open_file(path);
	CHECK(m && map_get(m, "one", 3, &v) == 1 && v.len == 2);
	map_close(m);
	snprintf(command, sizeof command,
	    "printf '+3,2:one->xy\\n\\n' | cdb -c %s", path);
	CHECK(system(command) == 0); /* NOLINT(cert-env33-c) */
	CHECK(!map_open_file(path) && errno == EPROTO);
}

static void
test_abandon(void)
{
	CHECK(write_map(in_dir("a.cdb"), 5));
	struct map_writer *w = map_write_begin(in_dir("a.cdb"));
	CHECK(w && map_write_add(w, "x", 1, "y", 1));
	if (w)
		map_write_abandon(w);
	stralloc v = STRALLOC_ZERO;
	struct map *m = map_open_file(in_dir("a.cdb"));
	CHECK(m && map_get(m, "key4", 4, &v) == 1 && !map_get(m, "x", 1, &v));
	map_close(m);
}

/* Opened and, when it is large, verified. */
static bool
is_whole(char const *path)
{
	struct map *m = map_open_file(path);
	bool whole = m && map_verify(m);
	CHECK(whole || errno == EPROTO);
	map_close(m);
	return whole;
}

/* Whichever octet changes: the map is damaged, and nothing in it unknown. */
static void
test_changed(int count, ssize_t step)
{
	static char file[262144];
	int fd = -1;
	CHECK(write_map(in_dir("c.cdb"), count));
	CHECK((fd = open(in_dir("c.cdb"), O_RDWR)) >= 0);
	ssize_t len = read(fd, file, sizeof file);
	CHECK(len > 2048 && len < (ssize_t)sizeof file);
	for (ssize_t i = 0; i < len; i += step) {
		char changed = (char)(file[i] ^ (1 << i % 8));
		CHECK(pwrite(fd, &changed, 1, i) == 1);
		CHECK(!is_whole(in_dir("c.cdb")));
		CHECK(pwrite(fd, file + i, 1, i) == 1);
	}
	CHECK(is_whole(in_dir("c.cdb")));
	close(fd);
}

int
main(void)
{
	char command[80];
	if (!mkdtemp(dir))
		return 1;
	test_round_trip();
	test_notes();
	test_cut();
	test_changed(60, 1);
	test_changed(2000, 97);
	test_foreign();
	test_abandon();
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command) != 0 || check_failed; /* NOLINT(cert-env33-c) */
}
