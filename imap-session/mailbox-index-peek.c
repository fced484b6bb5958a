/* SPDX-License-Identifier: ISC */
/* What the last frame of besace.index tells, which is enough to add one. */
#include "mailbox.h"

#include <stdlib.h>
#include <sys/stat.h>
#include "file.h"
#include "mailbox-parts.h"

/* Whether one of the length from AT to SIZE says that it begins at AT. */
static bool
is_frame_at(struct mailbox const *b, uint64_t at, uint64_t size)
{
	unsigned char head[INDEX_FRAME_HEAD];
	return at >= b->index.frames && at < size &&
	    file_read_all_at(b->index.fd, head, sizeof head, at) &&
	    index_frame_told(head) == size - at;
}

/* The state that the last frame tells. */
static bool
read_last(struct mailbox *b, uint64_t size, struct index_state *state)
{
	unsigned char tail[INDEX_FRAME_TAIL];
	if (size < b->index.frames + sizeof tail ||
	    !file_read_all_at(b->index.fd, tail, sizeof tail,
	        size - sizeof tail))
		return false;
	size_t len = index_frame_length(tail);
	uint64_t at = size - len;
	char *s = is_frame_at(b, at, size) ? malloc(len) : NULL;
	struct index_change c = { .kind = INDEX_MESSAGE };
	size_t pos = 0;
	bool ok = s && file_read_all_at(b->index.fd, s, len, at) &&
	    index_frame(s, len, b->index.id, at) == len;
	while (ok && index_next(s, len, at, &pos, &c))
		continue;
	free(s);
	*state = c.state;
	return ok && pos == len && c.kind == INDEX_STATE;
}

void
mailbox_peek_index(struct mailbox *b)
{
	struct index_header h;
	struct stat st;
	struct index_state state;
	mailbox_close_index(b);
	b->dirty = true;
	if (mailbox_open_index(b, &st, &h) <= 0)
		return;
	mailbox_begin_frames(b, &st, &h);
	if (!read_last(b, (uint64_t)st.st_size, &state) ||
	    state.uids.validity != h.validity) {
		mailbox_close_index(b);
		return;
	}
	b->index.read = (uint64_t)st.st_size;
	b->index.validity = h.validity;
	mailbox_take_state(b, &state);
	b->relook = 0;
	b->dirty = false;
}
