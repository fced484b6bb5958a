/* SPDX-License-Identifier: ISC */
/* Mod-sequences, and which messages there were (RFC 7162). */
#include "mailbox.h"

#include <time.h>

uint64_t
mailbox_next_modseq(struct mailbox *b)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t t =
	    (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	b->highest_modseq = t > b->highest_modseq ? t : b->highest_modseq + 1;
	return b->highest_modseq;
}

/* Those of FIRST to LAST that are not in the view. */
static int
add_missing(struct mailbox const *b, uint32_t first, uint32_t last,
    struct sequence *out)
{
	uint32_t i = mailbox_lower_bound(b, first);
	for (; i < b->count && b->messages[i].uid <= last; i++) {
		uint32_t uid = b->messages[i].uid;
		if (uid > first && !sequence_add_range(out, first, uid - 1))
			return 0;
		first = uid + 1;
	}
	return first > last || sequence_add_range(out, first, last);
}

/* Those of KNOWN (NULL: all) that lie from FIRST to LAST and are not in the
 * view. */
static int
add_known(struct mailbox const *b, uint32_t first, uint32_t last,
    struct sequence const *known, struct sequence *out)
{
	if (!known)
		return add_missing(b, first, last, out);
	struct range const *r = sequence_ranges(known);
	for (uint32_t i = 0; i < sequence_count(known); i++) {
		uint32_t from = r[i].first > first ? r[i].first : first;
		uint32_t to = r[i].last < last ? r[i].last : last;
		if (r[i].first > last)
			break;
		if (from <= to && !add_missing(b, from, to, out))
			return 0;
	}
	return 1;
}

/* The UIDs that are gone since then, resolved. */
static int
gone_since(struct mailbox const *b, uint64_t since, struct sequence *gone)
{
	for (size_t i = b->vanished_count; i-- > 0;) {
		struct vanished const *v = &b->vanished[i];
		if (v->modseq <= since)
			break;
		if (!sequence_add_range(gone, v->first, v->last))
			return 0;
	}
	sequence_resolve(gone, 0);
	return 1;
}

int
mailbox_vanished(struct mailbox *b, uint64_t since,
    struct sequence const *known, struct sequence *out)
{
	struct sequence gone = SEQUENCE_ZERO;
	out->ranges.len = 0;
	if (since < b->floor)
		return add_known(b, 1, b->uids.next - 1, known, out);
	int ok = gone_since(b, since, &gone);
	struct range const *r = sequence_ranges(&gone);
	for (uint32_t i = 0; i < sequence_count(&gone) && ok; i++)
		ok = add_known(b, r[i].first, r[i].last, known, out);
	stralloc_free(&gone.ranges);
	return ok;
}
