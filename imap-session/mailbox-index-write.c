/* SPDX-License-Identifier: ISC */
/* Writing besace.index, under the lock. When that fails the index lags behind
 * the mailbox, or is not there: the next one to look finds what it lacks. */
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "array.h"
#include "checksum.h"
#include "file.h"
#include "log.h"
#include "mailbox-parts.h"

#define INDEX_TMP INDEX_FILE ".tmp"

enum {
	VANISHED_MAX = 8192, /* ranges; of more the older half is dropped */
	/* Octets of frames that are no reason to write all anew: so many, and
	 * so many more for each message. */
	FRAMES_MIN = 64 << 10,
	FRAMES_EACH = INDEX_MESSAGE_SIZE / 4,
	FRAME_ROOM = 256,
	WINDOW = 64 << 10 /* octets of names read at a time */
};

/* --- what is new -------------------------------------------------------- */

/* Out of memory: all of it then, next time. */
static void
noted(struct mailbox *b, int ok)
{
	if (!ok)
		b->index.lags = true;
}

static bool
takes_notes(struct mailbox const *b)
{
	return b->locked && b->index.fd >= 0 && !b->index.lags;
}

void
mailbox_note_named(struct mailbox *b, struct message const *m, char const *name)
{
	b->index.joinable = SIZE_MAX;
	if (takes_notes(b))
		noted(b, index_add_message(&b->index.changes, m, name));
	else
		b->index.lags = true;
}

void
mailbox_note_message(struct mailbox *b, struct message const *m)
{
	mailbox_note_named(b, m, mailbox_name(b, m));
}

void
mailbox_note_facts(struct mailbox *b, struct message const *m)
{
	b->index.joinable = SIZE_MAX;
	if (takes_notes(b))
		noted(b, index_add_facts(&b->index.changes, m));
}

int
mailbox_add_vanished(struct mailbox *b, struct vanished const *v)
{
	if (b->vanished_count >= VANISHED_MAX) {
		size_t drop = b->vanished_count / 2;
		b->floor = b->vanished[drop - 1].modseq;
		b->vanished_count -= drop;
		memmove(b->vanished, b->vanished + drop,
		    b->vanished_count * sizeof *v);
	}
	void *p = array_grow(b->vanished, b->vanished_count, sizeof *v,
	    SIZE_MAX, &b->vanished_room);
	if (!p)
		return 0;
	b->vanished = p;
	b->vanished[b->vanished_count++] = *v;
	return 1;
}

/* One range, which the later mod-sequence tells of, as nobody has read of its
 * first part yet. */
static bool
join(struct mailbox *b, struct vanished const *v)
{
	stralloc *changes = &b->index.changes;
	if (b->index.joinable >= changes->len || !b->vanished_count)
		return false;
	struct vanished *last = &b->vanished[b->vanished_count - 1];
	if (last->last + 1 != v->first)
		return false;
	last->last = v->last;
	last->modseq = v->modseq;
	changes->len = b->index.joinable;
	noted(b, index_add_vanished(changes, last));
	return true;
}

void
mailbox_note_vanished(struct mailbox *b, uint32_t first, uint32_t last)
{
	struct vanished v = { first, last, mailbox_next_modseq(b) };
	bool notes = takes_notes(b);
	if (notes && join(b, &v))
		return;
	if (!mailbox_add_vanished(b, &v))
		b->floor = v.modseq;
	b->index.joinable = b->index.changes.len;
	if (notes)
		noted(b, index_add_vanished(&b->index.changes, &v));
	else
		b->index.lags = true;
}

/* --- one more frame ------------------------------------------------------- */

static int
append_frame(struct mailbox *b, stralloc const *frame)
{
	struct stat mine;
	struct stat there;
	struct index_file *x = &b->index;
	off_t end = (off_t)x->read;
	if (fstat(x->fd, &mine) < 0 ||
	    fstatat(b->dir, INDEX_FILE, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
	    mine.st_ino != there.st_ino || mine.st_dev != there.st_dev ||
	    mine.st_size != end || !mailbox_still_locked(b)) {
		errno = EAGAIN;
		return 0;
	}
	if (lseek(x->fd, end, SEEK_SET) < 0)
		return 0;
	if (file_write(x->fd, frame->s, frame->len))
		return 1;
	(void)!ftruncate(x->fd, end);
	return 0;
}

static int
append(struct mailbox *b, struct index_state const *state)
{
	stralloc frame = STRALLOC_ZERO;
	struct index_file *x = &b->index;
	int ok = index_add_frame(&frame, &x->changes, state, x->id, x->read) &&
	    x->read + frame.len <= UINT32_MAX && append_frame(b, &frame);
	if (ok) {
		x->read += frame.len;
		x->state = *state;
	}
	stralloc_free(&frame);
	return ok;
}

/* --- all of it ------------------------------------------------------------ */

/* Names that are still in the old file, read in the order they stand there. */
struct window {
	char s[WINDOW];
	uint64_t at;
	size_t len;
};

static char const *
name_of(struct mailbox *b, struct window *w, struct message const *m)
{
	if (!m->in_index)
		return mailbox_name(b, m);
	if (m->name < w->at || m->name + m->len > w->at + w->len) {
		ssize_t n = pread(b->index.fd, w->s, sizeof w->s, m->name);
		w->at = m->name;
		w->len = n > 0 ? (size_t)n : 0;
	}
	char const *s = w->s + (m->name - w->at);
	return m->len <= w->len - (m->name - w->at) && index_name_fits(m, s)
	    ? s
	    : NULL;
}

static int
format_messages(struct mailbox *b, struct index_header *h, stralloc *out)
{
	uint64_t name = index_frames_at(h) - h->names;
	for (uint32_t i = 0; i < b->count; i++) {
		unsigned char entry[INDEX_MESSAGE_SIZE];
		struct message const *m = &b->messages[i];
		if (m->gone)
			continue;
		index_put_message(m, name, entry);
		name += m->len;
		if (!stralloc_catb(out, (char *)entry, sizeof entry))
			return 0;
	}
	for (size_t i = 0; i < b->vanished_count; i++) {
		unsigned char entry[INDEX_VANISHED_SIZE];
		index_put_vanished(&b->vanished[i], entry);
		if (!stralloc_catb(out, (char *)entry, sizeof entry))
			return 0;
	}
	return 1;
}

static int
format_names(struct mailbox *b, stralloc *out)
{
	struct window *w = calloc(1, sizeof *w);
	int ok = w != NULL;
	for (uint32_t i = 0; i < b->count && ok; i++) {
		struct message const *m = &b->messages[i];
		char const *name = m->gone ? "" : name_of(b, w, m);
		ok = m->gone || (name && stralloc_catb(out, name, m->len));
	}
	free(w);
	return ok;
}

static void
sum_up(struct index_header *h, stralloc *out)
{
	uint64_t at = INDEX_HEADER_SIZE;
	uint64_t end = index_frames_at(h) - h->names;
	h->sum = h->id;
	for (; at < end; at += INDEX_PIECE)
		h->sum = checksum(h->sum, out->s + at,
		    end - at < INDEX_PIECE ? (size_t)(end - at) : INDEX_PIECE);
	index_put_header(h, (unsigned char *)out->s);
}

static int
format(struct mailbox *b, struct index_state const *state,
    struct index_header *h, stralloc *out)
{
	stralloc none = STRALLOC_ZERO;
	memset(h, 0, sizeof *h);
	h->validity = state->uids.validity;
	h->vanished = (uint32_t)b->vanished_count;
	h->floor = b->floor;
	for (uint32_t i = 0; i < b->count; i++) {
		if (b->messages[i].gone)
			continue;
		h->count++;
		h->names += b->messages[i].len;
	}
	if (getrandom(&h->id, sizeof h->id, 0) != (ssize_t)sizeof h->id ||
	    index_frames_at(h) > UINT32_MAX / 2 ||
	    !stralloc_ready(out, (size_t)index_frames_at(h) + FRAME_ROOM))
		return 0;
	memset(out->s, 0, INDEX_HEADER_SIZE);
	out->len = INDEX_HEADER_SIZE;
	if (!format_messages(b, h, out) || !format_names(b, out))
		return 0;
	sum_up(h, out);
	return index_add_frame(out, &none, state, h->id, index_frames_at(h));
}

/* A directory in its place that is empty can go; any other file is replaced. */
static int
put_in_place(struct mailbox *b)
{
	if (renameat(b->dir, INDEX_TMP, b->dir, INDEX_FILE) == 0)
		return 1;
	return errno == EISDIR &&
	    unlinkat(b->dir, INDEX_FILE, AT_REMOVEDIR) == 0 &&
	    renameat(b->dir, INDEX_TMP, b->dir, INDEX_FILE) == 0;
}

/* The file that is written, open. -1 with errno. */
static int
replace(struct mailbox *b, stralloc const *text)
{
	/* What somebody who died under the lock has left, or anything else. */
	unlinkat(b->dir, INDEX_TMP, 0);
	int fd = openat(b->dir, INDEX_TMP,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	/* The first one takes the place of nothing that could be lost. */
	bool first = b->index.fd < 0;
	if (file_write(fd, text->s, text->len) && (first || file_sync(fd)) &&
	    mailbox_still_locked(b) && put_in_place(b))
		return fd;
	int saved = errno;
	close(fd);
	unlinkat(b->dir, INDEX_TMP, 0);
	errno = saved;
	return -1;
}

/* Names that were in the old file are now at other places. */
static void
move_names(struct mailbox *b, struct index_header const *h)
{
	uint64_t name = index_frames_at(h) - h->names;
	for (uint32_t i = 0; i < b->count; i++) {
		struct message *m = &b->messages[i];
		if (m->gone)
			continue;
		if (m->in_index)
			m->name = (uint32_t)name;
		name += m->len;
	}
}

static void
use(struct mailbox *b, int fd, struct index_header const *h,
    struct index_state const *state, size_t size)
{
	struct stat st;
	struct index_file *x = &b->index;
	move_names(b, h);
	mailbox_close_index(b);
	if (fstat(fd, &st) < 0) {
		close(fd);
		x->lags = b->dirty = true;
		return;
	}
	x->fd = fd;
	x->inode = st.st_ino;
	x->device = st.st_dev;
	x->validity = h->validity;
	x->id = h->id;
	x->frames = index_frames_at(h);
	x->read = size;
	x->state = *state;
	if (x->damaged)
		log_error("damaged, made anew", INDEX_FILE, EPROTO);
	x->lags = x->damaged = false;
}

static int
rewrite(struct mailbox *b, struct index_state const *state)
{
	stralloc text = STRALLOC_ZERO;
	struct index_header h;
	int fd = format(b, state, &h, &text) ? replace(b, &text) : -1;
	int saved = errno;
	if (fd >= 0)
		use(b, fd, &h, state, text.len);
	stralloc_free(&text);
	errno = saved;
	return fd >= 0;
}

/* --- at the end of what was done under the lock ----------------------------- */

static bool
is_long(struct mailbox const *b)
{
	struct index_file const *x = &b->index;
	uint64_t log = x->read - x->frames + x->changes.len;
	return log > FRAMES_MIN + (uint64_t)b->count * FRAMES_EACH;
}

static int
write_state(struct mailbox *b, struct index_state const *state)
{
	struct index_file const *x = &b->index;
	if (b->loaded && (x->fd < 0 || x->lags || is_long(b)))
		return rewrite(b, state);
	if (x->fd < 0 ||
	    (!x->changes.len && index_same_state(state, &x->state)))
		return 1;
	return append(b, state);
}

void
mailbox_write_index(struct mailbox *b)
{
	struct index_state state = b->seen;
	state.highest_modseq = b->highest_modseq;
	if (!uidlist_known(&b->uids, &state.uids)) {
		memset(&state.uids, 0, sizeof state.uids);
		state.uids.validity = b->uids.validity;
		state.uids.next = b->uids.next;
	}
	bool may = b->in_step && !b->hides && b->highest_modseq &&
	    b->uids.validity && (b->keeps_index || b->gave_uids);
	if (may)
		b->seen = state;
	if (!may || !write_state(b, &state)) {
		int why = errno;
		if (may)
			log_error("unable to write", INDEX_FILE, why);
		/* One that cannot be written now is not tried again and again,
		 * unless it was only the lock that was lost. */
		b->keeps_index = b->keeps_index && (!may || why == EAGAIN);
		b->index.lags = b->index.lags || b->index.changes.len;
	}
	b->index.changes.len = 0;
	b->index.joinable = SIZE_MAX;
	b->gave_uids = false;
}
