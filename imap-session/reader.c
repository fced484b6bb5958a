/* SPDX-License-Identifier: ISC */
#include "reader.h"

#include <errno.h>
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
	stralloc_free(&r->header);
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
	if (!content_parse(r->fd, &s->mime, !whole))
		return 0;
	s->mime_uid = r->m->uid;
	return 1;
}

int
reader_part_header(struct reader *r, struct mime_part const *p, stralloc *out)
{
	return reader_open(r) &&
	    content_read(r->fd, p->header.raw, p->body.raw, HEADER_MEMORY, out);
}

int
reader_fields(struct reader *r, char const *name, char const **s, size_t *len)
{
	(void)name;
	if (!r->have_header)
		r->have_header = reader_parse(r, false) &&
		    reader_part_header(r, &r->s->mime.parts[0], &r->header);
	*s = r->header.s;
	*len = r->header.len;
	return r->have_header;
}

int
reader_size(struct reader *r, uint64_t *size)
{
	if (!is_there(r))
		return 0;
	uint32_t uid = r->m->uid;
	return find_again(r, uid, content_size(&r->s->box, r->m, size));
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
