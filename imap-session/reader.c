/* SPDX-License-Identifier: ISC */
#include "reader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "content.h"

void
reader_start(struct reader *r, struct session *s, struct message *m)
{
	r->s = s;
	r->m = m;
	r->fd = -1;
	r->have_header = false;
}

void
reader_end(struct reader *r)
{
	int saved = errno;
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	errno = saved;
}

void
reader_free(struct reader *r)
{
	content_free(&r->content);
	stralloc_free(&r->header);
	stralloc_free(&r->scratch);
	if (r->s)
		cache_write(&r->s->cache, &r->s->box);
}

static bool
is_there(struct reader const *r)
{
	if (r->m)
		return true;
	errno = ENOENT;
	return false;
}

/* What was done to the message may have made the mailbox look again. */
static int
find_again(struct reader *r, uint32_t uid, int ok)
{
	int saved = errno;
	r->m = mailbox_find(&r->s->box, uid);
	errno = saved;
	return ok && is_there(r);
}

int
reader_open(struct reader *r)
{
	if (r->fd >= 0 || !is_there(r))
		return r->fd >= 0;
	uint32_t uid = r->m->uid;
	r->fd = mailbox_open_message(&r->s->box, r->m);
	content_open(&r->content, r->fd);
	return find_again(r, uid, r->fd >= 0);
}

/* A parse of all parts is kept: clients come back for them one by one. */
int
reader_parse(struct reader *r, bool whole)
{
	struct session *s = r->s;
	if (!reader_open(r))
		return 0;
	if (s->mime_uid == r->m->uid && (!s->mime.header_only || !whole))
		return 1;
	s->mime_uid = 0;
	if (!content_parse(&r->content, &s->mime, !whole))
		return 0;
	s->mime_uid = r->m->uid;
	return 1;
}

int
reader_part_header(struct reader *r, struct mime_part const *p, stralloc *out)
{
	return reader_open(r) &&
	    content_copy(&r->content, p->header.raw, p->body.raw, HEADER_MEMORY,
	        out);
}

/* --- with the cache ------------------------------------------------------- */

int
session_cached_fields(struct session *s, struct message const *m,
    struct cached_fields *f)
{
	char const *record;
	size_t len;
	return cache_get(&s->cache, &s->box, m, FACT_FIELDS, &record, &len) &&
	    cached_fields_open(f, record, len);
}

bool
reader_cached_fields(struct reader *r, char const *name, struct bytes *fields)
{
	struct cached_fields f;
	if (!r->m || !cached_field(name, strlen(name)) ||
	    !session_cached_fields(r->s, r->m, &f))
		return false;
	*fields = (struct bytes){ f.text, f.len };
	return true;
}

void
session_keep_fields(struct session *s, struct message const *m,
    char const *header, size_t len)
{
	stralloc record = STRALLOC_ZERO;
	if (cached_fields_pack(header, len, &record))
		cache_put(&s->cache, &s->box, m, FACT_FIELDS, record.s,
		    record.len);
	stralloc_free(&record);
}

static int
read_header(struct reader *r)
{
	if (r->have_header)
		return 1;
	if (!reader_parse(r, false) ||
	    !reader_part_header(r, &r->s->mime.parts[0], &r->header))
		return 0;
	r->have_header = true;
	struct cached_fields f;
	if (!session_cached_fields(r->s, r->m, &f))
		session_keep_fields(r->s, r->m, r->header.s, r->header.len);
	return 1;
}

int
reader_fields(struct reader *r, char const *name, char const **s, size_t *len)
{
	struct bytes cached;
	if (!r->have_header && name && reader_cached_fields(r, name, &cached)) {
		*s = cached.s;
		*len = cached.len;
		return 1;
	}
	int ok = read_header(r);
	*s = r->header.s;
	*len = r->header.len;
	return ok;
}

int
reader_known(struct reader *r, enum cache_fact fact, stralloc *out)
{
	char const *s;
	size_t len;
	return is_there(r) &&
	    cache_get(&r->s->cache, &r->s->box, r->m, fact, &s, &len) &&
	    stralloc_catb(out, s, len);
}

int
reader_fact(struct reader *r, enum cache_fact fact,
    int (*make)(struct reader *r, stralloc *out), stralloc *out)
{
	size_t start = out->len;
	if (reader_known(r, fact, out))
		return 1;
	if (!is_there(r) || !make(r, out))
		return 0;
	cache_put(&r->s->cache, &r->s->box, r->m, fact, out->s + start,
	    out->len - start);
	return 1;
}

/* What the file's name says is found true once, too: that takes a look at the
 * file. */
static int
make_size(struct reader *r, stralloc *out)
{
	uint64_t size;
	return (content_size_by_name(&r->s->box, r->m, &size) ||
	           (reader_open(r) && content_count(&r->content, &size))) &&
	    stralloc_catb(out, (char const *)&size, sizeof size);
}

int
reader_size(struct reader *r, uint64_t *size)
{
	if (!is_there(r))
		return 0;
	if (!r->m->size) {
		r->scratch.len = 0;
		if (!reader_fact(r, FACT_SIZE, make_size, &r->scratch) ||
		    r->scratch.len != sizeof r->m->size)
			return 0;
		memcpy(&r->m->size, r->scratch.s, sizeof r->m->size);
	}
	*size = r->m->size;
	return 1;
}

int
reader_date(struct reader *r, int64_t *t)
{
	if (!is_there(r))
		return 0;
	uint32_t uid = r->m->uid;
	return find_again(r, uid, mailbox_date(&r->s->box, r->m, t));
}

int
reader_saved(struct reader *r, int64_t *t)
{
	if (!is_there(r))
		return 0;
	uint32_t uid = r->m->uid;
	return find_again(r, uid, mailbox_saved(&r->s->box, r->m, t));
}
