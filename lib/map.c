/* SPDX-License-Identifier: ISC */
#include "map.h"

#include <cdb.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "path.h"

/* The record of the empty key says that a map was written to its end by us. */
static char const map_mark[] = "besace 1";

/* The record behind it: a checksum of the file, all but its own octets. They
 * are where the two records' lengths put them. */
static char const sum_key[] = { 0, 's', 'u', 'm' };

enum {
	SUM_LEN = 8,
	SUM_START = 2048 + 8 + sizeof map_mark - 1 + 8 + sizeof sum_key,
	SUM_END = SUM_START + SUM_LEN,
	SUM_AT_OPEN_MAX = 16384 /* octets: more would be felt at each start */
};

/* Keys that start with a NUL are notes; no text file can hold such a key. */
enum { NOTE_MAX = 64 };

struct map {
	struct cdb cdb;
	int fd;
	bool verified;
};

struct map_writer {
	struct cdb_make make;
	int fd;
	char *path;
	char *tmp;
};

static uint32_t
u32(unsigned char const *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* A cdb ends with its 256 hash tables, in order. Cut anywhere, or with
 * something behind it, the last one no longer ends where the file does. */
static bool
tables_fit(struct cdb const *c)
{
	uint64_t end = 2048;
	for (size_t i = 0; i < 256; i++) {
		uint64_t pos = u32(c->cdb_mem + 8 * i);
		uint64_t slots = u32(c->cdb_mem + 8 * i + 4);
		if (slots && (pos < 2048 || pos + 8 * slots > c->cdb_fsize))
			return false;
		if (slots && pos + 8 * slots > end)
			end = pos + 8 * slots;
	}
	return end == c->cdb_fsize;
}

#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)

static uint64_t
mix(uint64_t sum, unsigned char const *p)
{
	uint64_t word;
	memcpy(&word, p, sizeof word);
	sum = (sum ^ le64toh(word)) * MULTIPLIER;
	return sum ^ sum >> 32;
}

/* Four sums side by side, for speed. A change of any one word changes the sum,
 * as each step can be undone. */
static uint64_t
sum_octets(uint64_t sum, unsigned char const *p, size_t len)
{
	uint64_t lane[4] = { sum, 1, 2, 3 };
	unsigned char rest[8] = { 0 };
	for (; len >= 32; p += 32, len -= 32)
		for (size_t i = 0; i < 4; i++)
			lane[i] = mix(lane[i], p + 8 * i);
	for (; len >= 8; p += 8, len -= 8)
		lane[0] = mix(lane[0], p);
	memcpy(rest, p, len);
	lane[0] = mix(lane[0], rest);
	for (size_t i = 1; i < 4; i++)
		lane[0] = (lane[0] ^ lane[i]) * MULTIPLIER;
	return lane[0] ^ lane[0] >> 32;
}

/* Of a whole file. */
static uint64_t
checksum(unsigned char const *p, size_t len)
{
	return sum_octets(sum_octets(len, p, SUM_START), p + SUM_END,
	    len - SUM_END);
}

/* The record's lengths and key are where ours has them; one octet may have
 * changed, or it would not be looked at. */
static bool
has_sum(unsigned char const *file)
{
	static unsigned char const wanted[] = { sizeof sum_key, 0, 0, 0,
		SUM_LEN, 0, 0, 0, 0, 's', 'u', 'm' };
	size_t same = 0;
	for (size_t i = 0; i < sizeof wanted; i++)
		same += file[SUM_START - sizeof wanted + i] == wanted[i];
	return same + 1 >= sizeof wanted;
}

/* Octets that changed on disk could hide an address. Maps made by other
 * programs have no checksum. */
static bool
is_unchanged(struct cdb const *c)
{
	uint64_t sum;
	if (c->cdb_fsize < SUM_END || !has_sum(c->cdb_mem))
		return true;
	memcpy(&sum, c->cdb_mem + SUM_START, sizeof sum);
	return le64toh(sum) == checksum(c->cdb_mem, c->cdb_fsize);
}

static bool
is_complete(struct cdb *c)
{
	return tables_fit(c) && cdb_find(c, "", 0) == 1 &&
	    cdb_datalen(c) == sizeof map_mark - 1 && cdb_getdata(c) &&
	    memcmp(cdb_getdata(c), map_mark, sizeof map_mark - 1) == 0;
}

/* Somebody may cut the file in place, which he must not: the page that holds
 * its new end then reads as zeros, where nothing is found. */
static bool
is_as_long(struct map const *map)
{
	struct stat st;
	return fstat(map->fd, &st) == 0 &&
	    (uint64_t)st.st_size == map->cdb.cdb_fsize;
}

int
map_verify(struct map *map)
{
	map->verified =
	    map->verified || (is_as_long(map) && is_unchanged(&map->cdb));
	if (!map->verified)
		errno = EPROTO;
	return map->verified;
}

struct map *
map_open_file(char const *path)
{
	struct map *map = malloc(sizeof *map);
	if (!map)
		return NULL;
	map->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (map->fd < 0) {
		int saved = errno;
		free(map);
		errno = saved;
		return NULL;
	}
	errno = EPROTO;
	if (cdb_init(&map->cdb, map->fd) < 0) {
		int saved = errno;
		close(map->fd);
		free(map);
		errno = saved;
		return NULL;
	}
	map->verified = false;
	if (!is_complete(&map->cdb) ||
	    (map->cdb.cdb_fsize <= SUM_AT_OPEN_MAX && !map_verify(map))) {
		map_close(map);
		errno = EPROTO;
		return NULL;
	}
	return map;
}

static int
map_path(stralloc *path, char const *name)
{
	if (!path_join(path, path_etc(), name) ||
	    !stralloc_cats(path, ".cdb") || !stralloc_0(path))
		return 0;
	path->len--;
	return 1;
}

struct map *
map_open(char const *name)
{
	stralloc path = STRALLOC_ZERO;
	struct map *map = map_path(&path, name) ? map_open_file(path.s) : NULL;
	int saved = errno;
	stralloc_free(&path);
	errno = saved;
	return map;
}

struct map *
map_open_logged(char const *name)
{
	struct map *map = map_open(name);
	if (map)
		return map;
	int saved = errno;
	stralloc path = STRALLOC_ZERO;
	log_error("open map", map_path(&path, name) ? path.s : name, saved);
	stralloc_free(&path);
	errno = saved;
	return NULL;
}

/* Copies LEN bytes at the found place; tinycdb checks each offset. */
static int
copy_out(struct map *map, unsigned int pos, unsigned int len, stralloc *sa)
{
	sa->len = 0;
	if (!stralloc_ready(sa, len + 1))
		return -1;
	if (len && cdb_read(&map->cdb, sa->s, len, pos) < 0) {
		errno = EPROTO;
		return -1;
	}
	sa->len = len;
	return 1;
}

static int
get(struct map *map, char const *key, size_t len, stralloc *value)
{
	int found = cdb_find(&map->cdb, key, (unsigned int)len);
	if (found < 0 || (found == 0 && !is_as_long(map))) {
		errno = EPROTO;
		return -1;
	}
	if (found == 0)
		return 0;
	return copy_out(map, cdb_datapos(&map->cdb), cdb_datalen(&map->cdb),
	    value);
}

int
map_get(struct map *map, char const *key, size_t len, stralloc *value)
{
	if (len == 0 || len > 65535 || *key == 0)
		return 0; /* the mark is no entry, a note neither */
	return get(map, key, len, value);
}

static size_t
note_key(char const *name, char key[NOTE_MAX])
{
	size_t len = strnlen(name, NOTE_MAX - 1);
	key[0] = 0;
	memcpy(key + 1, name, len);
	return len + 1;
}

int
map_note(struct map *map, char const *name, stralloc *value)
{
	char key[NOTE_MAX];
	value->len = 0;
	return get(map, key, note_key(name, key), value);
}

int
map_next(struct map *map, unsigned int *pos, stralloc *key, stralloc *value)
{
	if (*pos == 0)
		cdb_seqinit(pos, &map->cdb);
	int r;
	while ((r = cdb_seqnext(pos, &map->cdb)) > 0) {
		if (cdb_keylen(&map->cdb) == 0)
			continue;
		if (copy_out(map, cdb_keypos(&map->cdb), cdb_keylen(&map->cdb),
		        key) < 0)
			return -1;
		if (key->s[0] == 0)
			continue;
		return copy_out(map, cdb_datapos(&map->cdb),
		    cdb_datalen(&map->cdb), value);
	}
	if (r == 0 && is_as_long(map))
		return 0;
	errno = EPROTO;
	return -1;
}

void
map_close(struct map *map)
{
	if (!map)
		return;
	cdb_free(&map->cdb);
	close(map->fd);
	free(map);
}

static void
writer_free(struct map_writer *w)
{
	int saved = errno;
	free(w->path);
	free(w->tmp);
	free(w);
	errno = saved;
}

struct map_writer *
map_write_begin(char const *path)
{
	struct map_writer *w = calloc(1, sizeof *w);
	if (!w)
		return NULL;
	w->path = strdup(path);
	if (!w->path || asprintf(&w->tmp, "%s.tmp.XXXXXX", path) < 0) {
		w->tmp = NULL;
		writer_free(w);
		return NULL;
	}
	static char const no_sum[SUM_LEN];
	w->fd = mkostemp(w->tmp, O_CLOEXEC);
	if (w->fd < 0) {
		writer_free(w);
		return NULL;
	}
	if (cdb_make_start(&w->make, w->fd) < 0 ||
	    cdb_make_add(&w->make, "", 0, map_mark, sizeof map_mark - 1) < 0 ||
	    cdb_make_add(&w->make, sum_key, sizeof sum_key, no_sum, SUM_LEN) <
	        0) {
		map_write_abandon(w);
		return NULL;
	}
	return w;
}

int
map_write_add(struct map_writer *w, char const *key, size_t keylen,
    char const *value, size_t len)
{
	if (keylen == 0 || keylen > 65535 || *key == 0 ||
	    len > UINT32_MAX / 2) {
		errno = EINVAL;
		return 0;
	}
	return cdb_make_add(&w->make, key, (unsigned int)keylen, value,
	           (unsigned int)len) == 0;
}

int
map_write_note(struct map_writer *w, char const *name, char const *value,
    size_t len)
{
	char key[NOTE_MAX];
	return cdb_make_add(&w->make, key, (unsigned int)note_key(name, key),
	           value, (unsigned int)len) == 0;
}

static int
write_sum(int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return 0;
	size_t len = (size_t)st.st_size;
	void *p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return 0;
	uint64_t sum = htole64(checksum(p, len));
	munmap(p, len);
	return pwrite(fd, &sum, sizeof sum, SUM_START) == sizeof sum;
}

int
map_write_commit(struct map_writer *w, unsigned int mode)
{
	int ok = cdb_make_finish(&w->make) == 0 && write_sum(w->fd) &&
	    fchmod(w->fd, mode) == 0 && file_sync(w->fd);
	int saved = errno;
	if (!file_close(w->fd) && ok) {
		ok = 0;
		saved = errno;
	}
	if (ok && rename(w->tmp, w->path) < 0) {
		ok = 0;
		saved = errno;
	}
	if (!ok)
		unlink(w->tmp);
	else if (!file_sync_parent(w->path)) {
		ok = 0;
		saved = errno;
	}
	writer_free(w);
	errno = saved;
	return ok;
}

void
map_write_abandon(struct map_writer *w)
{
	int saved = errno;
	close(w->fd);
	unlink(w->tmp);
	writer_free(w);
	errno = saved;
}
