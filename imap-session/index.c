/* SPDX-License-Identifier: ISC */
#include "index.h"

#include <endian.h>
#include <string.h>
#include "checksum.h"
#include "flags.h"

enum { VERSION = 1, BIT_NEW = 1, BIT_DATE = 2, BIT_SAVED = 4 };

/* Far beyond any clock, and leaves room to count on in 63 bits. */
#define MODSEQ_MAX ((uint64_t)1 << 62)

static char const magic[8] = "besaceIX";

/* --- numbers ------------------------------------------------------------ */

static void
put32(unsigned char *s, uint32_t n)
{
	n = htole32(n);
	memcpy(s, &n, sizeof n);
}

static void
put64(unsigned char *s, uint64_t n)
{
	n = htole64(n);
	memcpy(s, &n, sizeof n);
}

static uint32_t
get32(unsigned char const *s)
{
	uint32_t n;
	memcpy(&n, s, sizeof n);
	return le32toh(n);
}

static uint64_t
get64(unsigned char const *s)
{
	uint64_t n;
	memcpy(&n, s, sizeof n);
	return le64toh(n);
}

/* --- sums --------------------------------------------------------------- */

void
index_take_name(struct message *m, char const *name, size_t len)
{
	m->flags = flags_of_name(name, len);
	m->len = (uint8_t)len;
	m->base = (uint8_t)flags_base(name, len);
	m->base_sum = (uint32_t)checksum(0, name, m->base);
	m->name_sum = 0;
	for (size_t i = 0; i < len; i++) /* no single octet goes unnoticed */
		m->name_sum =
		    (uint8_t)(m->name_sum * 31 + (unsigned char)name[i]);
}

/* --- the header --------------------------------------------------------- */

uint64_t
index_frames_at(struct index_header const *h)
{
	return INDEX_HEADER_SIZE + (uint64_t)h->count * INDEX_MESSAGE_SIZE +
	    (uint64_t)h->vanished * INDEX_VANISHED_SIZE + h->names;
}

void
index_put_header(struct index_header const *h,
    unsigned char out[INDEX_HEADER_SIZE])
{
	memcpy(out, magic, sizeof magic);
	put32(out + 8, VERSION);
	put32(out + 12, h->validity);
	put32(out + 16, h->count);
	put32(out + 20, h->vanished);
	put64(out + 24, h->names);
	put64(out + 32, h->floor);
	put64(out + 40, h->id);
	put64(out + 48, h->sum);
	put64(out + 56, checksum(VERSION, out, 56));
}

bool
index_get_header(struct index_header *h,
    unsigned char const in[INDEX_HEADER_SIZE], uint64_t size)
{
	if (memcmp(in, magic, sizeof magic) != 0 || get32(in + 8) != VERSION ||
	    get64(in + 56) != checksum(VERSION, in, 56))
		return false;
	h->validity = get32(in + 12);
	h->count = get32(in + 16);
	h->vanished = get32(in + 20);
	h->names = get64(in + 24);
	h->floor = get64(in + 32);
	h->id = get64(in + 40);
	h->sum = get64(in + 48);
	/* Places of names are 32 bits. */
	return h->validity && size <= UINT32_MAX && h->names < size &&
	    index_frames_at(h) < size;
}

/* --- messages ----------------------------------------------------------- */

void
index_put_message(struct message const *m, uint64_t name,
    unsigned char out[INDEX_MESSAGE_SIZE])
{
	put32(out, m->uid);
	put32(out + 4, m->flags);
	put32(out + 8, (uint32_t)name);
	put32(out + 12, m->base_sum);
	put64(out + 16, m->modseq);
	put64(out + 24, m->has_date ? (uint64_t)m->date : 0);
	put64(out + 32, m->has_saved ? (uint64_t)m->saved : 0);
	/* A greater one is counted each time. */
	put32(out + 40, m->size > UINT32_MAX ? 0 : (uint32_t)m->size);
	out[44] = m->len;
	out[45] = m->base;
	out[46] = (unsigned char)((m->in_new ? BIT_NEW : 0) |
	    (m->has_date ? BIT_DATE : 0) | (m->has_saved ? BIT_SAVED : 0));
	out[47] = m->name_sum;
}

static inline bool
get_message(struct message *m, unsigned char const in[INDEX_MESSAGE_SIZE],
    uint64_t end)
{
	unsigned char const bits = in[46];
	*m = (struct message){
		.uid = get32(in),
		.flags = get32(in + 4),
		.name = get32(in + 8),
		.base_sum = get32(in + 12),
		.modseq = get64(in + 16),
		.date = (int64_t)get64(in + 24),
		.saved = (int64_t)get64(in + 32),
		.size = get32(in + 40),
		.len = in[44],
		.base = in[45],
		.name_sum = in[47],
		.in_new = (bits & BIT_NEW) != 0,
		.recent = (bits & BIT_NEW) != 0,
		.has_date = (bits & BIT_DATE) != 0,
		.has_saved = (bits & BIT_SAVED) != 0,
		.in_index = true,
	};
	return m->uid && m->uid != UINT32_MAX && m->base && m->base <= m->len &&
	    m->name >= INDEX_HEADER_SIZE && (uint64_t)m->name + m->len <= end &&
	    m->modseq && m->modseq <= MODSEQ_MAX;
}

bool
index_get_messages(struct message *m, size_t count, uint32_t after,
    unsigned char const *in, uint64_t end, bool *some_new)
{
	bool any_new = false;
	for (size_t i = 0; i < count; i++, in += INDEX_MESSAGE_SIZE) {
		if (!get_message(&m[i], in, end) || m[i].uid <= after)
			return false;
		after = m[i].uid;
		any_new |= m[i].in_new;
	}
	*some_new = *some_new || any_new;
	return true;
}

bool
index_name_fits(struct message const *m, char const *s)
{
	struct message told;
	index_take_name(&told, s, m->len);
	return !memchr(s, 0, m->len) && !memchr(s, '/', m->len) &&
	    !memchr(s, '\n', m->len) && s[0] != '.' && told.base == m->base &&
	    told.base_sum == m->base_sum && told.name_sum == m->name_sum &&
	    told.flags == m->flags;
}

/* --- UIDs that are gone --------------------------------------------------- */

void
index_put_vanished(struct vanished const *v,
    unsigned char out[INDEX_VANISHED_SIZE])
{
	put32(out, v->first);
	put32(out + 4, v->last);
	put64(out + 8, v->modseq);
}

bool
index_get_vanished(struct vanished *v,
    unsigned char const in[INDEX_VANISHED_SIZE])
{
	v->first = get32(in);
	v->last = get32(in + 4);
	v->modseq = get64(in + 8);
	return v->first && v->first <= v->last && v->last != UINT32_MAX &&
	    v->modseq <= MODSEQ_MAX;
}

/* --- frames ------------------------------------------------------------- */

enum { BIT_CUR_SETTLED = 1, BIT_NEW_SETTLED = 2 };

static void
put_state(struct index_state const *s, unsigned char out[INDEX_STATE_SIZE])
{
	memset(out, 0, INDEX_STATE_SIZE);
	put64(out, s->highest_modseq);
	put32(out + 8, s->uids.validity);
	put32(out + 12, s->uids.next);
	put64(out + 16, s->uids.inode);
	put64(out + 24, s->uids.size);
	put64(out + 32, (uint64_t)s->uids.mtime);
	put64(out + 40, (uint64_t)s->cur.seconds);
	put64(out + 48, (uint64_t)s->new.seconds);
	put32(out + 56, s->uids.mtime_ns);
	put32(out + 60, s->cur.ns);
	put32(out + 64, s->new.ns);
	put32(out + 68,
	    (s->cur_settled ? BIT_CUR_SETTLED : 0) |
	        (s->new_settled ? BIT_NEW_SETTLED : 0));
}

static bool
get_state(struct index_state *s, unsigned char const in[INDEX_STATE_SIZE])
{
	s->highest_modseq = get64(in);
	s->uids.validity = get32(in + 8);
	s->uids.next = get32(in + 12);
	s->uids.inode = get64(in + 16);
	s->uids.size = get64(in + 24);
	s->uids.mtime = (int64_t)get64(in + 32);
	s->cur.seconds = (int64_t)get64(in + 40);
	s->new.seconds = (int64_t)get64(in + 48);
	s->uids.mtime_ns = get32(in + 56);
	s->cur.ns = get32(in + 60);
	s->new.ns = get32(in + 64);
	s->cur_settled = (get32(in + 68) & BIT_CUR_SETTLED) != 0;
	s->new_settled = (get32(in + 68) & BIT_NEW_SETTLED) != 0;
	return s->uids.validity && s->uids.next && s->highest_modseq &&
	    s->highest_modseq <= MODSEQ_MAX;
}

static int
add(stralloc *out, char kind, unsigned char const *s, size_t len)
{
	return stralloc_append(out, kind) &&
	    stralloc_catb(out, (char const *)s, len);
}

int
index_add_message(stralloc *changes, struct message const *m, char const *name)
{
	unsigned char buf[INDEX_MESSAGE_SIZE];
	index_put_message(m, 0, buf);
	return add(changes, INDEX_MESSAGE, buf, sizeof buf) &&
	    stralloc_catb(changes, name, m->len);
}

int
index_add_facts(stralloc *changes, struct message const *m)
{
	unsigned char buf[INDEX_MESSAGE_SIZE];
	index_put_message(m, 0, buf);
	return add(changes, INDEX_FACTS, buf, sizeof buf);
}

int
index_add_vanished(stralloc *changes, struct vanished const *v)
{
	unsigned char buf[INDEX_VANISHED_SIZE];
	index_put_vanished(v, buf);
	return add(changes, INDEX_VANISHED, buf, sizeof buf);
}

static uint64_t
frame_sum(uint64_t id, uint64_t at, char const *s, size_t len)
{
	return checksum(id ^ checksum(at, "", 0), s, len);
}

int
index_add_frame(stralloc *out, stralloc const *changes,
    struct index_state const *state, uint64_t id, uint64_t at)
{
	unsigned char head[INDEX_FRAME_HEAD];
	unsigned char last[INDEX_STATE_SIZE];
	unsigned char tail[INDEX_FRAME_TAIL];
	size_t start = out->len;
	size_t len = changes->len + 1 + sizeof last;
	put_state(state, last);
	put32(tail, (uint32_t)(sizeof head + len + sizeof tail));
	memset(head, 0, sizeof head);
	if (len > UINT32_MAX / 2 ||
	    !stralloc_catb(out, (char *)head, sizeof head) ||
	    !stralloc_catb(out, changes->s, changes->len) ||
	    !add(out, INDEX_STATE, last, sizeof last) ||
	    !stralloc_catb(out, (char *)tail, sizeof tail))
		return 0;
	unsigned char *frame = (unsigned char *)out->s + start;
	put32(frame, (uint32_t)len);
	put64(frame + 8, frame_sum(id, at, out->s + start + sizeof head, len));
	return 1;
}

size_t
index_frame(char const *s, size_t len, uint64_t id, uint64_t at)
{
	unsigned char const *head = (unsigned char const *)s;
	size_t const around = INDEX_FRAME_HEAD + INDEX_FRAME_TAIL;
	if (len < around)
		return 0;
	size_t n = get32(head);
	if (n > len - around || n < 1 + INDEX_STATE_SIZE || get32(head + 4) ||
	    get32(head + INDEX_FRAME_HEAD + n) != n + around ||
	    get64(head + 8) != frame_sum(id, at, s + INDEX_FRAME_HEAD, n))
		return 0;
	return n + around;
}

uint64_t
index_frame_told(unsigned char const head[INDEX_FRAME_HEAD])
{
	return (uint64_t)get32(head) + INDEX_FRAME_HEAD + INDEX_FRAME_TAIL;
}

size_t
index_frame_length(unsigned char const tail[INDEX_FRAME_TAIL])
{
	return get32(tail);
}

bool
index_same_state(struct index_state const *a, struct index_state const *b)
{
	unsigned char x[INDEX_STATE_SIZE];
	unsigned char y[INDEX_STATE_SIZE];
	put_state(a, x);
	put_state(b, y);
	return memcmp(x, y, sizeof x) == 0;
}

static bool
next_message(unsigned char const *in, size_t left, uint64_t at, size_t *used,
    struct index_change *c)
{
	bool named = c->kind == INDEX_MESSAGE;
	unsigned char copy[INDEX_MESSAGE_SIZE];
	if (left < sizeof copy)
		return false;
	memcpy(copy, in, sizeof copy);
	put32(copy + 8, (uint32_t)(named ? at : INDEX_HEADER_SIZE));
	if (at > UINT32_MAX || !get_message(&c->message, copy, UINT64_MAX))
		return false;
	*used += sizeof copy;
	if (!named)
		return true;
	if (left - sizeof copy < c->message.len)
		return false;
	*used += c->message.len;
	return index_name_fits(&c->message, (char const *)in + sizeof copy);
}

bool
index_next(char const *s, size_t len, uint64_t at, size_t *pos,
    struct index_change *c)
{
	unsigned char const *in = (unsigned char const *)s;
	if (len < INDEX_FRAME_HEAD + INDEX_FRAME_TAIL)
		return false;
	if (!*pos)
		*pos = INDEX_FRAME_HEAD;
	size_t i = *pos;
	size_t end = len - INDEX_FRAME_TAIL;
	if (i >= end)
		return false;
	size_t used = 1;
	size_t left = end - i - 1;
	in += i + 1;
	c->kind = (enum index_change_kind)s[i];
	bool ok = false;
	switch (c->kind) {
	case INDEX_MESSAGE:
	case INDEX_FACTS:
		ok = next_message(in, left, at + i + 1 + INDEX_MESSAGE_SIZE,
		    &used, c);
		break;
	case INDEX_VANISHED:
		ok = left >= INDEX_VANISHED_SIZE &&
		    index_get_vanished(&c->vanished, in);
		used += INDEX_VANISHED_SIZE;
		break;
	case INDEX_STATE:
		ok = left == INDEX_STATE_SIZE && get_state(&c->state, in);
		*pos = ok ? len : i;
		return ok;
	}
	if (ok)
		*pos = i + used;
	return ok;
}
