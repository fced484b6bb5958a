/* SPDX-License-Identifier: ISC */
/* Reading besace.index. It lies in a directory that others write: what is wrong
 * with it makes it unread, never the view wrong. */
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "checksum.h"
#include "file.h"
#include "flags.h"
#include "mailbox-parts.h"
#include "pages.h"

enum { FRAMES_PIECE = 1 << 20 }; /* octets of frames that are read at once */

/* What the header and the octets under its sum say. */
struct snapshot {
	struct index_header header;
	struct message *messages;
	struct vanished *vanished;
	bool has_new; /* some message is in new/ */
};

void
mailbox_close_index(struct mailbox *b)
{
	if (b->index.fd >= 0)
		close(b->index.fd);
	b->index.fd = -1;
	b->index.names_len = 0;
}

/* Nothing in it can be used: it is to be written anew. */
static void
give_up(struct mailbox *b)
{
	b->index.lags = true;
	b->index.restarts = b->index.restarts || b->loaded;
	b->dirty = b->dirty || b->loaded;
}

int
mailbox_open_index(struct mailbox *b, struct stat *st, struct index_header *h)
{
	unsigned char header[INDEX_HEADER_SIZE];
	int fd = file_open(b->dir, INDEX_FILE, O_RDWR);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (fstat(fd, st) == 0 &&
	    file_read_all_at(fd, header, sizeof header, 0) &&
	    index_get_header(h, header, (uint64_t)st->st_size) &&
	    h->count <= MESSAGES_MAX)
		return b->index.fd = fd, 1;
	close(fd);
	return -1;
}

void
mailbox_begin_frames(struct mailbox *b, struct stat const *st,
    struct index_header const *h)
{
	b->index.inode = st->st_ino;
	b->index.device = st->st_dev;
	b->index.id = h->id;
	b->index.frames = b->index.read = index_frames_at(h);
	b->index.lags = b->index.damaged = false;
}

/* --- messages and vanished ------------------------------------------------ */

static bool
take_messages(struct snapshot *s, uint64_t first, size_t count,
    unsigned char const *in)
{
	struct message *m = s->messages + first;
	return index_get_messages(m, count, first ? m[-1].uid : 0, in,
	    index_frames_at(&s->header), &s->has_new);
}

/* One piece of them, from number *DONE on, the vanished after the messages. */
static bool
take_piece(struct snapshot *s, unsigned char const *in, size_t len,
    uint64_t *done)
{
	uint64_t messages = s->header.count;
	size_t count = *done < messages ? len / INDEX_MESSAGE_SIZE : 0;
	if (count > messages - *done)
		count = (size_t)(messages - *done);
	if (count && !take_messages(s, *done, count, in))
		return false;
	*done += count;
	for (size_t i = count * INDEX_MESSAGE_SIZE; i < len;
	     i += INDEX_VANISHED_SIZE, ++*done)
		if (!index_get_vanished(&s->vanished[*done - messages], in + i))
			return false;
	return true;
}

static bool
read_snapshot(int fd, struct snapshot *s)
{
	unsigned char piece[INDEX_PIECE];
	struct index_header const *h = &s->header;
	uint64_t at = INDEX_HEADER_SIZE;
	uint64_t end = index_frames_at(h) - h->names;
	uint64_t done = 0;
	uint64_t sum = h->id;
	while (at < end) {
		size_t len =
		    end - at < sizeof piece ? (size_t)(end - at) : sizeof piece;
		if (!file_read_all_at(fd, piece, len, at))
			return false;
		sum = checksum(sum, piece, len);
		if (!take_piece(s, piece, len, &done))
			return false;
		at += len;
	}
	return sum == h->sum;
}

/* --- into the view ---------------------------------------------------------- */

static void
take_facts(struct message *m, struct message const *from)
{
	if (from->size)
		m->size = from->size;
	if (from->has_date)
		m->date = from->date;
	if (from->has_saved)
		m->saved = from->saved;
	m->has_date = m->has_date || from->has_date;
	m->has_saved = m->has_saved || from->has_saved;
}

static void
take_message(struct mailbox *b, struct message *m, struct message const *from)
{
	m->changed = m->changed || m->flags != from->flags;
	m->judged =
	    m->judged && m->flags == from->flags && m->modseq == from->modseq;
	m->flags = from->flags;
	m->modseq = from->modseq;
	m->name = from->name;
	m->len = from->len;
	m->base = from->base;
	m->base_sum = from->base_sum;
	m->name_sum = from->name_sum;
	m->in_index = true;
	m->recent = m->recent && (from->in_new || !m->in_new);
	m->in_new = from->in_new;
	b->has_new = b->has_new || m->in_new;
	take_facts(m, from);
}

static bool
put_message(struct mailbox *b, struct message const *from)
{
	struct message *m = mailbox_find(b, from->uid);
	if (m && !m->gone) {
		take_message(b, m, from);
		return true;
	}
	m = mailbox_insert(b, from->uid);
	if (!m)
		return b->hides;
	*m = *from;
	b->has_new = b->has_new || m->in_new;
	return true;
}

static void
remove_range(struct mailbox *b, struct vanished const *v)
{
	uint32_t i = mailbox_lower_bound(b, v->first);
	for (; i < b->count && b->messages[i].uid <= v->last; i++)
		b->messages[i].gone = true;
}

void
mailbox_take_state(struct mailbox *b, struct index_state const *state)
{
	b->seen = b->index.state = *state;
	if (b->highest_modseq < state->highest_modseq)
		b->highest_modseq = state->highest_modseq;
	if (b->uids.fd < 0)
		b->uids.validity = state->uids.validity;
	if (b->uids.next < state->uids.next)
		b->uids.next = state->uids.next;
	if (state->cur_settled && state->new_settled)
		b->relook = 0;
	else if (!b->loaded)
		b->relook = 1;
	else if (!b->relook)
		mailbox_relook_soon(b);
}

static bool
take_change(struct mailbox *b, struct index_change const *c)
{
	struct message *m;
	switch (c->kind) {
	case INDEX_MESSAGE:
		return put_message(b, &c->message);
	case INDEX_FACTS:
		m = mailbox_find(b, c->message.uid);
		if (m)
			take_facts(m, &c->message);
		return true;
	case INDEX_VANISHED:
		remove_range(b, &c->vanished);
		return mailbox_add_vanished(b, &c->vanished);
	case INDEX_STATE:
		if (c->state.uids.validity != b->index.validity)
			return false;
		mailbox_take_state(b, &c->state);
		return true;
	}
	return false;
}

static bool
take_frame(struct mailbox *b, char const *s, size_t len, uint64_t at)
{
	struct index_change c;
	size_t pos = 0;
	while (index_next(s, len, at, &pos, &c))
		if (!take_change(b, &c))
			return false;
	return pos == len;
}

/* Octets at b->index.read that may be all of SIZE, or hold at least the first
 * frame: a file made long by mistake is not all read. */
static size_t
piece_length(struct mailbox const *b, uint64_t size)
{
	unsigned char head[INDEX_FRAME_HEAD];
	uint64_t left = size - b->index.read;
	if (left <= FRAMES_PIECE)
		return (size_t)left;
	uint64_t frame =
	    file_read_all_at(b->index.fd, head, sizeof head, b->index.read)
	    ? index_frame_told(head)
	    : 0;
	return frame > FRAMES_PIECE && frame <= left ? (size_t)frame
	                                             : FRAMES_PIECE;
}

/* *SOME: there was a whole one. */
static bool
read_piece(struct mailbox *b, size_t len, bool *some)
{
	char *s = malloc(len + 1);
	bool ok = s && file_read_all_at(b->index.fd, s, len, b->index.read);
	size_t n = 0;
	*some = false;
	for (size_t i = 0; ok && i < len; i += n) {
		uint64_t at = b->index.read;
		n = index_frame(s + i, len - i, b->index.id, at);
		if (!n)
			break;
		ok = take_frame(b, s + i, n, at);
		b->index.read += n;
		*some = true;
	}
	free(s);
	return ok;
}

/* To the end of the file, or the last frame that is whole: others may just be
 * writing the next. */
static bool
read_frames(struct mailbox *b, uint64_t size)
{
	bool some = true;
	while (some && b->index.read < size)
		if (!read_piece(b, piece_length(b, size), &some))
			return false;
	return !b->count || b->messages[b->count - 1].uid < b->seen.uids.next;
}

/* --- the whole file --------------------------------------------------------- */

static void
show_snapshot(struct mailbox *b, struct snapshot *s)
{
	b->index.validity = s->header.validity;
	free(b->vanished);
	b->vanished = s->vanished;
	b->vanished_count = b->vanished_room = s->header.vanished;
	s->vanished = NULL;
	b->floor = s->header.floor;
	b->has_new = s->has_new;
	free(b->messages);
	b->messages = s->messages;
	b->count = s->header.count;
	b->room = s->header.count + 1;
	s->messages = NULL;
}

static bool
read_whole(struct mailbox *b, struct stat const *st, struct snapshot *s)
{
	s->messages = pages_alloc((s->header.count + 1U) * sizeof *s->messages);
	s->vanished = malloc((s->header.vanished + 1U) * sizeof *s->vanished);
	bool ok = s->messages && s->vanished && read_snapshot(b->index.fd, s) &&
	    (!b->validity || b->validity == s->header.validity);
	mailbox_begin_frames(b, st, &s->header);
	uint64_t start = b->index.read;
	if (ok)
		show_snapshot(b, s);
	ok = ok && read_frames(b, (uint64_t)st->st_size);
	free(s->messages);
	free(s->vanished);
	return ok && b->index.read > start;
}

/* 1 read; 0 there is none; -1 it is damaged, and nothing of it in the view. */
static int
read_first(struct mailbox *b)
{
	struct snapshot s = { .messages = NULL };
	struct stat st;
	int found = mailbox_open_index(b, &st, &s.header);
	if (found > 0 && read_whole(b, &st, &s))
		return 1;
	mailbox_close_index(b);
	b->count = 0;
	b->vanished_count = 0;
	b->floor = 0;
	memset(&b->seen, 0, sizeof b->seen);
	return found ? -1 : 0;
}

static bool
has_vanished(struct mailbox const *b, uint32_t uid)
{
	for (size_t i = b->vanished_count; i-- > 0;)
		if (b->vanished[i].first <= uid && uid <= b->vanished[i].last)
			return true;
	return false;
}

/* False when the two do not have the same messages: only the files can tell who
 * is right, as an index that was cut may be older than the view. */
static bool
merge(struct mailbox *b, struct mailbox const *from)
{
	struct message const *f = from->messages;
	struct message const *end = f + from->count;
	bool same = true;
	for (uint32_t i = 0; i < b->count; i++) {
		struct message *m = &b->messages[i];
		for (; f < end && f->uid < m->uid; f++)
			same = same && f->gone;
		struct message const *there =
		    f < end && f->uid == m->uid ? f++ : NULL;
		if (there && there->gone)
			there = NULL;
		if (there && !m->gone)
			take_message(b, m, there);
		else if (there || (!m->gone && !has_vanished(from, m->uid)))
			same = false;
		else
			m->gone = true;
	}
	for (; f < end; f++)
		same = same && (f->gone || put_message(b, f));
	return same;
}

/* Another file than the one that the view came from. */
static int
read_other(struct mailbox *b)
{
	struct mailbox from = { .dir = b->dir,
		.validity = b->validity,
		.index.fd = -1 };
	uidlist_init(&from.uids);
	int found = read_first(&from);
	if (found > 0) {
		from.index.changes = b->index.changes;
		b->index = from.index;
		bool same = merge(b, &from);
		free(b->vanished);
		b->vanished = from.vanished;
		b->vanished_count = from.vanished_count;
		b->vanished_room = from.vanished_room;
		b->floor = from.floor;
		from.vanished = NULL;
		mailbox_take_state(b, &from.seen);
		if (!same) {
			b->dirty = b->index.lags = true;
			b->index.restarts = true;
		}
	}
	free(from.messages);
	free(from.vanished);
	return found;
}

static void
reopen(struct mailbox *b)
{
	mailbox_close_index(b);
	int found = b->loaded ? read_other(b) : read_first(b);
	if (found > 0) {
		b->dirty = b->dirty && b->loaded;
		return;
	}
	b->index.damaged = b->index.damaged || found < 0;
	give_up(b);
}

/* Whether it is still the file that was read; *SIZE is its length. */
static bool
is_same(struct mailbox const *b, uint64_t *size)
{
	struct stat st;
	if (b->index.fd < 0 ||
	    fstatat(b->dir, INDEX_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_ino != b->index.inode || st.st_dev != b->index.device)
		return false;
	*size = (uint64_t)st.st_size;
	return true;
}

static bool
ends_with_frame(struct mailbox const *b)
{
	struct stat st;
	return fstat(b->index.fd, &st) == 0 &&
	    (uint64_t)st.st_size == b->index.read;
}

void
mailbox_read_index(struct mailbox *b)
{
	uint64_t size;
	if (!b->loaded || !is_same(b, &size)) {
		struct stat st;
		if (b->loaded && b->index.fd < 0 &&
		    fstatat(b->dir, INDEX_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return;
		reopen(b);
	} else if (size != b->index.read &&
	    (size < b->index.read || !read_frames(b, size))) {
		b->index.damaged = true;
		mailbox_close_index(b);
		give_up(b);
	}
	/* Nobody is writing now: what is left is of somebody who died while he
	 * did, or did not know the file as it is. */
	if (b->locked && b->index.fd >= 0 && !ends_with_frame(b)) {
		b->index.damaged = b->index.lags = b->dirty = true;
		b->index.restarts = true;
	}
}
