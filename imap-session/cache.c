/* SPDX-License-Identifier: ISC */
#include "cache-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "array.h"
#include "checksum.h"
#include "file.h"

enum { WINDOW = 64 << 10 };

/* --- sums ----------------------------------------------------------------- */

static uint64_t
head_check(struct cache_head const *h)
{
	return checksum(0, h, offsetof(struct cache_head, check));
}

struct cache_head
cache_head_of(uint32_t validity)
{
	struct cache_head h = { CACHE_MAGIC, CACHE_MARK, validity, 0 };
	h.check = head_check(&h);
	return h;
}

uint64_t
cache_batch_check(struct cache_batch const *batch, uint32_t validity,
    void const *places)
{
	uint64_t sum =
	    checksum(validity, batch, offsetof(struct cache_batch, check));
	return checksum(sum, places, batch->count * sizeof(struct cache_place));
}

uint64_t
cache_record_check(struct cache const *c, uint64_t name, uint32_t uid,
    uint32_t fact, char const *s)
{
	uint64_t key[] = { name, (uint64_t)c->validity << 32 | uid, fact };
	return checksum(checksum(0, key, sizeof key), s, cache_length(fact));
}

/* --- the file ------------------------------------------------------------- */

static char const *
within(struct cache_window const *w, uint64_t at, size_t len)
{
	bool here = at >= w->at && at - w->at <= w->len &&
	    len <= w->len - (size_t)(at - w->at);
	return here ? w->s + (at - w->at) : NULL;
}

static bool
fill_window(struct cache_window *w, int fd, uint64_t at, size_t len)
{
	size_t want = len > WINDOW ? len : WINDOW;
	char *room = realloc(w->s, want);
	if (!room)
		return false;
	w->s = room;
	w->at = at;
	w->len = 0;
	while (w->len < want) {
		ssize_t n = pread(fd, room + w->len, want - w->len,
		    (off_t)(at + w->len));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		w->len += (size_t)n;
	}
	return w->len >= len;
}

/* They stay till the next call. */
static char const *
bytes_at(struct cache *c, uint64_t at, size_t len)
{
	struct cache_window *oldest = c->windows;
	for (struct cache_window *w = c->windows;
	     w < c->windows + CACHE_WINDOWS; w++) {
		char const *s = w->len ? within(w, at, len) : NULL;
		if (s) {
			w->used = ++c->uses;
			return s;
		}
		if (w->used < oldest->used)
			oldest = w;
	}
	oldest->used = ++c->uses;
	return c->fd >= 0 && fill_window(oldest, c->fd, at, len) ? oldest->s
	                                                         : NULL;
}

static void
forget_windows(struct cache *c)
{
	for (unsigned i = 0; i < CACHE_WINDOWS; i++)
		c->windows[i].len = 0;
}

void
cache_forget(struct cache *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->foreign = false;
	c->end = 0;
	c->count = c->batches = 0;
	for (unsigned i = 0; i < FACTS; i++)
		c->lists[i].count = c->lists[i].last = 0;
	forget_windows(c);
}

bool
cache_is_current(struct cache const *c, struct mailbox const *b)
{
	struct stat mine;
	struct stat there;
	return fstat(c->fd, &mine) == 0 &&
	    fstatat(b->dir, CACHE_FILE, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

static void
open_file(struct cache *c, struct mailbox const *b)
{
	cache_forget(c);
	c->validity = b->validity;
	c->fd = file_open(b->dir, CACHE_FILE, b->writable ? O_RDWR : O_RDONLY);
	if (c->fd < 0 && (errno == EROFS || errno == EACCES))
		c->fd = file_open(b->dir, CACHE_FILE, O_RDONLY);
	if (c->fd < 0)
		return;
	struct cache_head want = cache_head_of(c->validity);
	char const *have = bytes_at(c, 0, sizeof want);
	c->foreign = !have || memcmp(have, &want, sizeof want) != 0;
	c->end = sizeof want;
}

/* --- what is in it -------------------------------------------------------- */

static int
by_uid(void const *a, void const *b)
{
	struct cache_entry const *x = a;
	struct cache_entry const *y = b;
	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* The last record of a message counts. */
static void
sort_list(struct cache *c, struct cache_list *list)
{
	size_t out = 0;
	qsort(list->entries, list->count, sizeof *list->entries, by_uid);
	for (size_t i = 0; i < list->count; i++) {
		struct cache_entry const *e = &list->entries[i];
		if (i + 1 == list->count || e->uid != e[1].uid)
			list->entries[out++] = *e;
	}
	c->count -= list->count - out;
	list->count = out;
}

/* *UNSORTED has a bit for each kind. */
static bool
add_entry(struct cache *c, struct cache_place const *p, uint64_t records,
    unsigned *unsorted)
{
	unsigned kind = cache_kind(p->fact);
	struct cache_list *list = &c->lists[kind];
	void *entries = c->count < CACHE_FACTS_MAX
	    ? array_grow(list->entries, list->count, sizeof *list->entries,
	          CACHE_FACTS_MAX, &list->room)
	    : NULL;
	if (!entries)
		return false;
	list->entries = entries;
	if (list->count && list->entries[list->count - 1].uid >= p->uid)
		*unsorted |= 1U << kind;
	list->entries[list->count++] =
	    (struct cache_entry){ p->uid, p->fact, records + p->at };
	c->count++;
	return true;
}

static bool
is_sound(struct cache_place const *p, uint64_t room)
{
	uint64_t len = sizeof(struct cache_record) + cache_length(p->fact);
	return p->uid && cache_kind(p->fact) < FACTS &&
	    cache_length(p->fact) <= CACHE_FACT_MAX && p->at <= room &&
	    len <= room - p->at;
}

/* The batch at c->end. False: there is none, or no memory. */
static bool
read_batch(struct cache *c, uint64_t size, unsigned *unsorted)
{
	struct cache_batch batch;
	struct cache_place p;
	uint64_t left = size - c->end;
	char const *s = bytes_at(c, c->end, sizeof batch);
	if (left < sizeof batch || !s)
		return false;
	memcpy(&batch, s, sizeof batch);
	if (batch.mark != CACHE_MARK || batch.count > CACHE_PLACES_MAX ||
	    batch.length > left || batch.length > CACHE_BATCH_MAX)
		return false;
	size_t all = sizeof batch + batch.count * sizeof p;
	if (all > batch.length || !(s = bytes_at(c, c->end, all)) ||
	    cache_batch_check(&batch, c->validity, s + sizeof batch) !=
	        batch.check)
		return false;
	for (uint32_t i = 0; i < batch.count; i++) {
		memcpy(&p, s + sizeof batch + i * sizeof p, sizeof p);
		if (is_sound(&p, batch.length - all) &&
		    !add_entry(c, &p, c->end + all, unsorted))
			return false;
	}
	c->end += batch.length;
	c->batches++;
	return true;
}

void
cache_look(struct cache *c, struct mailbox const *b)
{
	struct stat st;
	c->looked = true;
	if (c->fd < 0 || c->validity != b->validity || !cache_is_current(c, b))
		open_file(c, b);
	if (c->fd < 0 || c->foreign || fstat(c->fd, &st) < 0 ||
	    (uint64_t)st.st_size <= c->end ||
	    (uint64_t)st.st_size > CACHE_FILE_MAX)
		return;
	unsigned unsorted = 0;
	forget_windows(c); /* may have ended in the middle of a write */
	while (read_batch(c, (uint64_t)st.st_size, &unsorted))
		;
	for (unsigned i = 0; i < FACTS; i++)
		if (unsorted >> i & 1)
			sort_list(c, &c->lists[i]);
}

/* Mostly the one asked for is the next. */
static struct cache_entry const *
find(struct cache_list *list, uint32_t uid)
{
	struct cache_entry const *e = list->entries;
	size_t low = list->last;
	size_t high = low + 2;
	if (low >= list->count || e[low].uid >= uid)
		low = 0;
	if (high >= list->count || e[high].uid < uid)
		high = list->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (e[mid].uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	list->last = low ? low - 1 : 0;
	return low < list->count && e[low].uid == uid ? &e[low] : NULL;
}

char const *
cache_read(struct cache *c, struct cache_entry const *e, struct cache_record *r)
{
	size_t len = cache_length(e->fact);
	char const *s = bytes_at(c, e->at, sizeof *r + len);
	if (!s)
		return NULL;
	memcpy(r, s, sizeof *r);
	s += sizeof *r;
	return r->check == cache_record_check(c, r->name, e->uid, e->fact, s)
	    ? s
	    : NULL;
}

int
cache_get(struct cache *c, struct mailbox const *b, struct message const *m,
    enum cache_fact kind, char const **s, size_t *len)
{
	struct cache_record r;
	if (!c->looked)
		cache_look(c, b);
	struct cache_entry const *e = find(&c->lists[kind], m->uid);
	if (!e || m->gone)
		return 0;
	*s = cache_read(c, e, &r);
	*len = cache_length(e->fact);
	return *s && r.name == m->base_sum;
}

void
cache_close(struct cache *c)
{
	cache_forget(c);
	for (unsigned i = 0; i < FACTS; i++)
		free(c->lists[i].entries);
	for (unsigned i = 0; i < CACHE_WINDOWS; i++)
		free(c->windows[i].s);
	stralloc_free(&c->put.places);
	stralloc_free(&c->put.records);
	*c = (struct cache)CACHE_ZERO;
}
