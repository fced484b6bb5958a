/* SPDX-License-Identifier: ISC */
#include "cache-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"
#include "log.h"

enum {
	WASTE_LEAST = 64 << 10, /* octets that are worth a rewrite */
	BATCHES_SMALL = 512     /* so many small ones are, too */
};

/* --- batches -------------------------------------------------------------- */

static bool
gather(struct cache_gathered *g, uint32_t uid, uint32_t fact,
    struct cache_record const *r, char const *s)
{
	struct cache_place p = { uid, fact, (uint32_t)g->records.len };
	size_t len = cache_length(fact);
	if (!stralloc_readyplus(&g->places, sizeof p) ||
	    !stralloc_readyplus(&g->records, sizeof *r + len))
		return false;
	return stralloc_catb(&g->places, (char const *)&p, sizeof p) &&
	    stralloc_catb(&g->records, (char const *)r, sizeof *r) &&
	    stralloc_catb(&g->records, s, len);
}

static bool
is_full(struct cache_gathered const *g)
{
	return g->records.len >= CACHE_BATCH;
}

/* *AT moves behind it. */
static bool
write_batch(int fd, uint64_t *at, uint32_t validity,
    struct cache_gathered const *g)
{
	stralloc out = STRALLOC_ZERO;
	struct cache_batch batch = { CACHE_MARK,
		(uint32_t)(g->places.len / sizeof(struct cache_place)),
		sizeof batch + g->places.len + g->records.len, 0 };
	if (!batch.count)
		return true;
	batch.check = cache_batch_check(&batch, validity, g->places.s);
	errno = EFBIG;
	bool ok = *at + batch.length <= CACHE_FILE_MAX &&
	    stralloc_catb(&out, (char const *)&batch, sizeof batch) &&
	    stralloc_catb(&out, g->places.s, g->places.len) &&
	    stralloc_catb(&out, g->records.s, g->records.len) &&
	    file_write_at(fd, out.s, out.len, *at);
	stralloc_free(&out);
	if (ok)
		*at += batch.length;
	return ok;
}

/* --- the file made anew ---------------------------------------------------- */

/* A message that is not in the view may be one that it does not have yet. */
static bool
is_live(struct mailbox const *b, struct cache_entry const *e, uint32_t *pos)
{
	while (*pos < b->count && b->messages[*pos].uid < e->uid)
		++*pos;
	return *pos == b->count ||
	    (b->messages[*pos].uid == e->uid && !b->messages[*pos].gone);
}

static uint64_t
live_octets(struct cache_list const *list, struct mailbox const *b)
{
	uint64_t live = 0;
	uint32_t pos = 0;
	for (size_t i = 0; i < list->count; i++)
		if (is_live(b, &list->entries[i], &pos))
			live += cache_length(list->entries[i].fact) +
			    sizeof(struct cache_place) +
			    sizeof(struct cache_record);
	return live;
}

static bool
is_wasteful(struct cache const *c, struct mailbox const *b)
{
	uint64_t live = 0;
	for (unsigned i = 0; i < FACTS; i++)
		live += live_octets(&c->lists[i], b);
	uint64_t waste = c->end > live ? c->end - live : 0;
	return (waste > WASTE_LEAST && waste > c->end / 3) ||
	    (c->batches > BATCHES_SMALL && c->count / c->batches < 8);
}

static bool
copy_list(struct cache *c, struct cache_list const *list,
    struct mailbox const *b, int fd, uint64_t *at, struct cache_gathered *g)
{
	struct cache_record r;
	uint32_t pos = 0;
	bool ok = true;
	for (size_t i = 0; i < list->count && ok; i++) {
		struct cache_entry const *e = &list->entries[i];
		char const *s =
		    is_live(b, e, &pos) ? cache_read(c, e, &r) : NULL;
		if (!s)
			continue;
		ok = gather(g, e->uid, e->fact, &r, s);
		if (!ok || !is_full(g))
			continue;
		ok = write_batch(fd, at, c->validity, g);
		g->places.len = g->records.len = 0;
	}
	return ok;
}

/* Kind by kind: what is asked for of many messages lies together. */
static bool
copy_live(struct cache *c, struct mailbox const *b, int fd, uint64_t *at)
{
	struct cache_gathered g = { STRALLOC_ZERO, STRALLOC_ZERO };
	bool ok = true;
	for (unsigned i = 0; i < FACTS && ok; i++)
		ok = copy_list(c, &c->lists[i], b, fd, at, &g);
	ok = ok && write_batch(fd, at, c->validity, &g);
	stralloc_free(&g.places);
	stralloc_free(&g.records);
	return ok;
}

/* In tmp/, where it is swept if we do not get to the end. */
static bool
write_anew(struct cache *c, struct mailbox const *b)
{
	stralloc made = STRALLOC_ZERO;
	struct cache_head head = cache_head_of(c->validity);
	uint64_t at = sizeof head;
	int fd = file_make_beside(b->dir, "tmp/" CACHE_FILE, &made);
	bool ok = fd >= 0 &&
	    file_write_at(fd, (char const *)&head, sizeof head, 0) &&
	    (c->foreign || copy_live(c, b, fd, &at)) &&
	    write_batch(fd, &at, c->validity, &c->put) &&
	    renameat(b->dir, made.s, b->dir, CACHE_FILE) == 0;
	int saved = errno;
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !ok)
		unlinkat(b->dir, made.s, 0);
	stralloc_free(&made);
	errno = saved;
	return ok;
}

/* --- adding to it ---------------------------------------------------------- */

/* A write that was cut, by whomever, is cut off. */
static bool
append(struct cache *c)
{
	struct stat st;
	uint64_t at = c->end;
	if (fstat(c->fd, &st) < 0 ||
	    ((uint64_t)st.st_size > at && ftruncate(c->fd, (off_t)at) < 0))
		return false;
	if (write_batch(c->fd, &at, c->validity, &c->put))
		return true;
	int saved = errno;
	bool cut = ftruncate(c->fd, (off_t)c->end) == 0;
	errno = cut ? saved : errno;
	return false;
}

/* 1 got; 0 somebody else writes; -1 with errno. */
static int
lock_file(int fd, short type)
{
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };
	if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
		return 1;
	return errno == EAGAIN || errno == EACCES ? 0 : -1;
}

/* 1; 0 somebody else writes; -1 with errno. */
static int
write_put(struct cache *c, struct mailbox const *b)
{
	cache_look(c, b);
	if (c->fd < 0 || c->foreign)
		return write_anew(c, b) ? 1 : -1;
	int locked = lock_file(c->fd, F_WRLCK);
	if (locked <= 0)
		return locked;
	/* Only now is it sure to be whole, and the one that counts. */
	int done = 0;
	if (cache_is_current(c, b)) {
		cache_look(c, b);
		done = is_wasteful(c, b) ? write_anew(c, b) : append(c);
		done = done ? 1 : -1;
	}
	int saved = errno;
	(void)lock_file(c->fd, F_UNLCK);
	errno = saved;
	return done;
}

static void
flush(struct cache *c, struct mailbox const *b)
{
	if (c->put.places.len && write_put(c, b) < 0) {
		if (errno != ENOENT) /* the mailbox is no more */
			log_error("unable to write", CACHE_FILE, errno);
		c->failed = true;
	}
	c->put.places.len = c->put.records.len = 0;
}

void
cache_put(struct cache *c, struct mailbox const *b, struct message const *m,
    enum cache_fact kind, char const *s, size_t len)
{
	if (!b->writable || c->failed || m->gone || len > CACHE_FACT_MAX)
		return;
	if (!c->looked)
		cache_look(c, b);
	uint32_t fact = (uint32_t)kind << 24 | (uint32_t)len;
	struct cache_record r = { m->base_sum, 0 };
	r.check = cache_record_check(c, r.name, m->uid, fact, s);
	c->failed = !gather(&c->put, m->uid, fact, &r, s);
	if (is_full(&c->put))
		flush(c, b);
}

void
cache_write(struct cache *c, struct mailbox const *b)
{
	if (c->looked)
		flush(c, b);
	c->looked = false;
}
