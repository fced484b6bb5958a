/* SPDX-License-Identifier: ISC */
/* Format, in this machine's byte order: the head, then from BUCKETS_START on
 * buckets of HASH_FILE_BUCKET records. A key's bucket is a keyed hash's, the key
 * of which is random and stands in the head. The file is written in place,
 * never mapped: one that is cut meanwhile reads as empty. A bucket is locked
 * by its range while a record in it is changed; readers take no lock, and what
 * they see half written has a wrong check. */
#include "hash-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/sha256.h>

#include "file.h"
#include "log.h"
#include "path.h"
#include "shared-file.h"

enum {
	BUCKETS_START = 1024,
	LOCK_TRIES = 50,
	LOCK_PAUSE = 2000000 /* ns */
};

static char const mark[16] = "besace records1";

struct head {
	char mark[16];
	uint32_t buckets;
	uint32_t record_size;
	unsigned char secret[16];
	unsigned char notes[HASH_FILE_NOTES];
};

struct bucket {
	struct hash_record record[HASH_FILE_BUCKET];
};

static off_t
bucket_at(uint32_t bucket)
{
	return BUCKETS_START + (off_t)bucket * (off_t)sizeof(struct bucket);
}

/* --- the file ------------------------------------------------------------- */

static bool
read_head(int fd, void *arg)
{
	struct hash_file *f = arg;
	struct head head;
	struct stat st;
	if (fstat(fd, &st) < 0 || st.st_size != bucket_at(f->buckets) ||
	    pread(fd, &head, sizeof head, 0) != sizeof head ||
	    memcmp(head.mark, mark, sizeof mark) != 0 ||
	    head.buckets != f->buckets ||
	    head.record_size != sizeof(struct hash_record))
		return false;
	memcpy(f->secret, head.secret, sizeof f->secret);
	return true;
}

static bool
write_head(int fd, void *arg)
{
	struct hash_file const *f = arg;
	struct head head = { .buckets = f->buckets,
		.record_size = sizeof(struct hash_record) };
	memcpy(head.mark, mark, sizeof head.mark);
	return getrandom(head.secret, sizeof head.secret, 0) ==
	    (ssize_t)sizeof head.secret &&
	    file_write(fd, (char const *)&head, sizeof head) &&
	    ftruncate(fd, bucket_at(f->buckets)) == 0;
}

bool
hash_file_open(struct hash_file *f, char const *name, uint32_t buckets)
{
	struct shared_file file = { name, read_head, write_head, f };
	f->buckets = buckets;
	f->fd = shared_file_open(&file);
	return f->fd >= 0;
}

void
hash_file_close(struct hash_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* --- records -------------------------------------------------------------- */

/* FNV-1a, over all but the check itself. */
static uint32_t
check_of(struct hash_record const *r)
{
	unsigned char const *s = (unsigned char const *)r + sizeof r->check;
	uint32_t h = 2166136261U;
	for (size_t i = 0; i < sizeof *r - sizeof r->check; i++)
		h = (h ^ s[i]) * 16777619U;
	return h;
}

static bool
is_used(struct hash_record const *r, int64_t now)
{
	return r->expires > now && r->check == check_of(r);
}

static uint32_t
bucket_of(struct hash_file const *f, unsigned char const key[HASH_FILE_KEY])
{
	SHA256Schedule hash = SHA256_INIT();
	char digest[32];
	uint32_t n;
	sha256_update(&hash, (char const *)f->secret, sizeof f->secret);
	sha256_update(&hash, (char const *)key, HASH_FILE_KEY);
	sha256_final(&hash, digest);
	memcpy(&n, digest, sizeof n);
	return n % f->buckets;
}

static bool
read_bucket(struct hash_file const *f, uint32_t bucket, struct bucket *b)
{
	return f->fd >= 0 &&
	    pread(f->fd, b, sizeof *b, bucket_at(bucket)) == (ssize_t)sizeof *b;
}

/* Where KEY stands; HASH_FILE_BUCKET for nowhere. */
static uint32_t
find(struct bucket const *b, unsigned char const *key, int64_t now)
{
	uint32_t i = 0;
	while (i < HASH_FILE_BUCKET &&
	    !(memcmp(b->record[i].key, key, HASH_FILE_KEY) == 0 &&
	        is_used(&b->record[i], now)))
		i++;
	return i;
}

/* A free place, or that of the record which would expire first. */
static uint32_t
find_place(struct bucket const *b, int64_t now)
{
	uint32_t best = 0;
	for (uint32_t i = 0; i < HASH_FILE_BUCKET; i++) {
		if (!is_used(&b->record[i], now))
			return i;
		if (b->record[i].expires < b->record[best].expires)
			best = i;
	}
	return best;
}

bool
hash_file_get(struct hash_file const *f, unsigned char const key[HASH_FILE_KEY],
    int64_t now, struct hash_record *record)
{
	struct bucket b;
	if (f->fd < 0 || !read_bucket(f, bucket_of(f, key), &b))
		return false;
	uint32_t i = find(&b, key, now);
	if (i < HASH_FILE_BUCKET)
		*record = b.record[i];
	return i < HASH_FILE_BUCKET;
}

/* --- changes -------------------------------------------------------------- */

static bool
set_lock(struct hash_file const *f, uint32_t bucket, short type)
{
	struct flock range = { .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = bucket_at(bucket),
		.l_len = sizeof(struct bucket) };
	return fcntl(f->fd, F_OFD_SETLK, &range) == 0;
}

/* Who stops while holding it holds nobody up: a count may be lost then. */
static bool
lock(struct hash_file const *f, uint32_t bucket)
{
	struct timespec pause = { 0, LOCK_PAUSE };
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (set_lock(f, bucket, F_WRLCK))
			return true;
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return false;
		nanosleep(&pause, NULL);
	}
	return false;
}

void
hash_file_begin(struct hash_file const *f,
    unsigned char const key[HASH_FILE_KEY], int64_t now, struct hash_change *c)
{
	struct bucket b;
	memset(c, 0, sizeof *c);
	memcpy(c->record.key, key, HASH_FILE_KEY);
	if (f->fd < 0)
		return;
	c->bucket = bucket_of(f, key);
	c->locked = lock(f, c->bucket);
	if (!read_bucket(f, c->bucket, &b))
		return;
	c->place = find(&b, key, now);
	c->found = c->place < HASH_FILE_BUCKET;
	if (c->found)
		c->record = b.record[c->place];
	else
		c->place = find_place(&b, now);
}

bool
hash_file_end(struct hash_file const *f, struct hash_change *c)
{
	if (f->fd < 0)
		return false;
	off_t at =
	    bucket_at(c->bucket) + (off_t)c->place * (off_t)sizeof c->record;
	c->record.check = check_of(&c->record);
	bool ok = pwrite(f->fd, &c->record, sizeof c->record, at) ==
	    (ssize_t)sizeof c->record;
	if (!ok)
		log_error("write a record", path_var(), errno);
	if (c->locked)
		set_lock(f, c->bucket, F_UNLCK);
	return ok;
}

bool
hash_file_next(struct hash_file const *f, uint32_t *pos, int64_t now,
    struct hash_record *record)
{
	struct bucket b;
	while (*pos / HASH_FILE_BUCKET < f->buckets &&
	    read_bucket(f, *pos / HASH_FILE_BUCKET, &b)) {
		do {
			struct hash_record const *r =
			    &b.record[(*pos)++ % HASH_FILE_BUCKET];
			if (is_used(r, now)) {
				*record = *r;
				return true;
			}
		} while (*pos % HASH_FILE_BUCKET);
	}
	return false;
}

/* --- notes ---------------------------------------------------------------- */

void
hash_file_notes(struct hash_file const *f, unsigned char notes[HASH_FILE_NOTES])
{
	if (f->fd < 0 ||
	    pread(f->fd, notes, HASH_FILE_NOTES,
	        offsetof(struct head, notes)) != HASH_FILE_NOTES)
		memset(notes, 0, HASH_FILE_NOTES);
}

bool
hash_file_note(struct hash_file const *f,
    unsigned char const notes[HASH_FILE_NOTES])
{
	return f->fd >= 0 &&
	    pwrite(f->fd, notes, HASH_FILE_NOTES,
	        offsetof(struct head, notes)) == HASH_FILE_NOTES;
}
