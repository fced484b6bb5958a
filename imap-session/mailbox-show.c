/* SPDX-License-Identifier: ISC */
/* What was found in the directories becomes the view. */
#include "mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "checksum.h"
#include "mailbox-parts.h"
#include "mailbox-scan.h"

enum { FACTS_MAX = 1024 /* more new messages at once are not looked at */ };

/* --- one message -------------------------------------------------------- */

/* Another message has this UID: what was known is of a mailbox that is not this
 * one. */
static void
contradict(struct mailbox *b, struct message *m)
{
	m->size = 0;
	m->has_date = m->has_saved = false;
	b->floor = b->highest_modseq;
	b->index.damaged = b->index.lags = true;
}

/* F's name is in the mailbox's names already. */
static void
show_file(struct mailbox *b, struct message *m, struct file const *f)
{
	struct message was = *m;
	index_take_name(m, b->names.s + f->name, f->len);
	m->name = f->name;
	m->in_new = f->in_new;
	m->in_index = false;
	b->has_new = b->has_new || m->in_new;
	bool other = m->base_sum != was.base_sum;
	if (m->flags != was.flags || other) {
		m->changed = true;
		m->judged = false;
		m->modseq = mailbox_next_modseq(b);
	}
	if (other)
		contradict(b, m);
	if (m->modseq != was.modseq || m->len != was.len ||
	    m->name_sum != was.name_sum || m->in_new != was.in_new)
		mailbox_note_message(b, m);
}

static struct file const *
file_of(struct mailbox const *b, struct uid_record const *r)
{
	return r->file ? &b->scan.files[r->file - 1] : NULL;
}

/* --- those that are known ------------------------------------------------- */

/* Room for the names of the messages that were not found. */
static int
make_room_for_missing(struct mailbox *b)
{
	size_t pos = 0;
	size_t need = 0;
	for (uint32_t i = 0; i < b->count; i++) {
		struct message const *m = &b->messages[i];
		struct uid_record const *r = scan_record(b, m->uid, &pos);
		if (!m->gone && !m->in_index && (!r || !r->file))
			need += m->len + 1U;
	}
	return stralloc_readyplus(&b->scan.names, need);
}

/* A message that was not found, perhaps for being renamed at that moment, stays
 * as it was known until a look that misses nothing. */
static void
keep_message(struct mailbox *b, struct message *m, stralloc const *names)
{
	b->dirty = true;
	if (m->in_index)
		return;
	size_t at = b->names.len;
	memcpy(b->names.s + at, names->s + m->name, m->len + 1U);
	b->names.len += m->len + 1U;
	m->name = (uint32_t)at;
}

/* The names are those of the files from now on. */
static void
update_messages(struct mailbox *b)
{
	size_t pos = 0;
	stralloc names = b->names;
	b->names = b->scan.names;
	b->scan.names = names;
	for (uint32_t i = 0; i < b->count; i++) {
		struct message *m = &b->messages[i];
		struct uid_record const *r = scan_record(b, m->uid, &pos);
		if (m->gone)
			continue; /* its name is not looked at again */
		if (r && r->file)
			show_file(b, m, file_of(b, r));
		else if (!b->scan.stable)
			keep_message(b, m, &names);
		else
			mailbox_lose(b, m);
	}
}

/* --- those that are new --------------------------------------------------- */

/* The first record with a UID above this one. */
static size_t
record_after(struct uidlist const *u, uint32_t uid)
{
	size_t low = 0;
	size_t high = u->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (u->records[mid].uid <= uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* They are all new in one moment, *MODSEQ being 0 before. */
static void
show_new(struct mailbox *b, struct message *m, struct uid_record const *r,
    bool recent, uint64_t *modseq, bool facts)
{
	struct file const *f = file_of(b, r);
	if (!*modseq)
		*modseq = mailbox_next_modseq(b);
	m->recent = recent;
	m->modseq = *modseq;
	m->in_new = f->in_new;
	index_take_name(m, b->names.s + f->name, f->len);
	m->name = f->name;
	b->has_new = b->has_new || m->in_new;
	if (facts)
		mailbox_learn(b, m);
	mailbox_note_message(b, m);
}

/* A file that came back after its EXPUNGE has a UID below the last one. */
static int
insert_missing(struct mailbox *b, bool const *recent, uint64_t *modseq)
{
	uint32_t last = b->count ? b->messages[b->count - 1].uid : 0;
	size_t end = record_after(&b->uids, last);
	uint32_t k = 0;
	for (size_t i = 0; i < end; i++) {
		struct uid_record const *r = &b->uids.records[i];
		while (k < b->count && b->messages[k].uid < r->uid)
			k++;
		bool known = k < b->count && b->messages[k].uid == r->uid;
		if (!r->file || (known && !b->messages[k].gone))
			continue;
		struct message *m = mailbox_insert(b, r->uid);
		if (!m && !b->hides)
			return 0;
		if (m)
			show_new(b, m, r, recent[r->file - 1], modseq, true);
	}
	return 1;
}

static int
append_messages(struct mailbox *b, bool const *recent, uint64_t *modseq)
{
	uint32_t last = b->count ? b->messages[b->count - 1].uid : 0;
	size_t first = record_after(&b->uids, last);
	bool facts = b->uids.count - first < FACTS_MAX;
	for (size_t i = first; i < b->uids.count; i++) {
		struct uid_record const *r = &b->uids.records[i];
		if (!r->file)
			continue;
		struct message *m = mailbox_grow(b);
		if (!m)
			return 0;
		m->uid = r->uid;
		show_new(b, m, r, recent[r->file - 1], modseq, facts);
	}
	return 1;
}

/* UIDs that others have given since the last look, of messages that are gone
 * already. */
static void
note_unseen(struct mailbox *b, uint32_t first)
{
	uint32_t i = mailbox_lower_bound(b, first);
	for (; i < b->count; i++) {
		uint32_t uid = b->messages[i].uid;
		if (uid > first)
			mailbox_note_vanished(b, first, uid - 1);
		first = uid + 1;
	}
	if (first < b->uids.next)
		mailbox_note_vanished(b, first, b->uids.next - 1);
}

/* --- all ------------------------------------------------------------------ */

static int
merge(struct mailbox *b, bool const *recent)
{
	if (!make_room_for_missing(b))
		return 0;
	update_messages(b);
	uint64_t modseq = 0;
	return insert_missing(b, recent, &modseq) &&
	    append_messages(b, recent, &modseq);
}

/* An index of another UIDVALIDITY's mailbox. */
static void
check_validity(struct mailbox *b)
{
	if (b->shown || !b->index.validity ||
	    b->index.validity == b->uids.validity)
		return;
	b->count = 0;
	b->vanished_count = 0;
	b->floor = 0;
	b->seen.uids.next = 0;
	b->index.validity = 0;
	b->index.lags = true;
}

static int
show(struct mailbox *b)
{
	uint32_t next = b->seen.uids.next;
	if (b->shown && mailbox_is_deleted(b)) {
		errno = ESTALE;
		return 0;
	}
	bool *recent = malloc(b->scan.count + 1);
	if (!recent)
		return 0;
	scan_move_new(b, recent);
	int ok = merge(b, recent);
	free(recent);
	if (ok && next && b->locked && b->scan.stable)
		note_unseen(b, next);
	b->seen.uids.next = b->uids.next;
	return ok;
}

/* Where changes that were told are not known any more a flag may have changed
 * and changed back: whoever comes has to look at all of it. */
static void
restart(struct mailbox *b)
{
	uint64_t modseq = mailbox_next_modseq(b);
	for (uint32_t i = 0; i < b->count; i++) {
		b->messages[i].modseq = modseq;
		b->messages[i].judged = false;
	}
	b->vanished_count = 0;
	b->floor = modseq;
	b->index.lags = true;
	b->index.restarts = false;
}

int
mailbox_show_all(struct mailbox *b)
{
	if (!scan_all(b) || (!b->uids.validity && !mailbox_load_list(b)))
		return 0;
	check_validity(b);
	if (!scan_settle(b) || !scan_compact(b) || !mailbox_check_same(b) ||
	    !show(b))
		return 0;
	if (b->index.restarts)
		restart(b);
	return 1;
}

/* --- what came to new/ ---------------------------------------------------- */

struct arrivals {
	uint32_t *known; /* messages in new/, in the order of their sums */
	size_t count;
	size_t found; /* of them */
	uint32_t *of; /* for each file: 1 + number of its message; 0 none */
	size_t matched;
};

static int
by_sum(void const *x, void const *y, void *messages)
{
	struct message const *m = messages;
	uint32_t a = m[*(uint32_t const *)x].base_sum;
	uint32_t b = m[*(uint32_t const *)y].base_sum;
	return (a > b) - (a < b);
}

/* The message that has this file. */
static uint32_t
message_of(struct mailbox *b, struct arrivals const *a, struct file const *f)
{
	char const *name = b->scan.names.s + f->name;
	uint32_t sum = (uint32_t)checksum(0, name, f->base);
	size_t low = 0;
	size_t high = a->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (b->messages[a->known[mid]].base_sum < sum)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < a->count; low++) {
		struct message const *m = &b->messages[a->known[low]];
		if (m->base_sum != sum)
			break;
		if (m->base == f->base &&
		    memcmp(mailbox_name(b, m), name, f->base) == 0)
			return a->known[low] + 1;
	}
	return 0;
}

static int
match_arrivals(struct mailbox *b, struct arrivals *a)
{
	a->known = malloc((b->count + 1U) * sizeof *a->known);
	a->of = calloc(b->scan.count + 1, sizeof *a->of);
	if (!a->known || !a->of)
		return 0;
	for (uint32_t i = 0; i < b->count; i++)
		if (b->messages[i].in_new && !b->messages[i].gone)
			a->known[a->count++] = i;
	if (a->count)
		qsort_r(a->known, a->count, sizeof *a->known, by_sum,
		    b->messages);
	char *found = calloc(b->count + 1U, 1);
	if (!found)
		return 0;
	for (size_t i = 0; i < b->scan.count; i++) {
		a->of[i] = message_of(b, a, &b->scan.files[i]);
		a->matched += a->of[i] != 0;
		a->found += a->of[i] && !found[a->of[i]]++;
	}
	free(found);
	return 1;
}

/* The files' names become the mailbox's. */
static int
join_names(struct mailbox *b)
{
	size_t at = b->names.len;
	if (at + b->scan.names.len > UINT32_MAX ||
	    !stralloc_cat(&b->names, &b->scan.names))
		return 0;
	for (size_t i = 0; i < b->scan.count; i++)
		b->scan.files[i].name += (uint32_t)at;
	return 1;
}

static int
show_arrivals(struct mailbox *b, struct arrivals const *a, bool *recent)
{
	scan_move_new(b, recent);
	if (!join_names(b))
		return 0;
	for (size_t i = 0; i < b->scan.count; i++) {
		if (!a->of[i])
			continue;
		struct message *m = &b->messages[a->of[i] - 1];
		show_file(b, m, &b->scan.files[i]);
		m->recent = m->recent || recent[i];
	}
	uint64_t modseq = 0;
	return a->matched == b->scan.count ||
	    append_messages(b, recent, &modseq);
}

/* A message that is not in new/ any more may be in cur/. One that is new and has
 * a UID has been here before, or is not in the index yet. */
static int
settle_arrivals(struct mailbox *b, struct arrivals const *a)
{
	if (a->found < a->count)
		return -1;
	if (a->matched == b->scan.count)
		return 1;
	if ((b->uids.skipped || b->uids.fd < 0) && !mailbox_load_list(b))
		return 0;
	for (size_t i = 0; i < b->scan.count; i++) {
		struct file const *f = &b->scan.files[i];
		if (!a->of[i] &&
		    uidlist_find(&b->uids, b->scan.names.s + f->name, f->base))
			return -1;
	}
	return scan_settle(b);
}

int
mailbox_show_new(struct mailbox *b)
{
	struct arrivals a = { .known = NULL };
	if (!scan_new(b))
		return 0;
	bool *recent = malloc(b->scan.count + 1);
	int ok = recent && match_arrivals(b, &a) ? settle_arrivals(b, &a) : 0;
	if (ok > 0)
		ok = mailbox_check_same(b) && show_arrivals(b, &a, recent);
	if (ok > 0)
		b->seen.uids.next = b->uids.next;
	free(recent);
	free(a.known);
	free(a.of);
	return ok;
}

/* --- without the lock ----------------------------------------------------- */

/* The UIDVALIDITY of a mailbox whose UIDs nobody can write down: another one
 * when files have come or gone, as their numbers then change. */
static uint32_t
unwritten_validity(struct mailbox const *b)
{
	int64_t cur = b->seen.cur.seconds;
	int64_t new = b->seen.new.seconds;
	uint32_t validity = (uint32_t)(cur > new ? cur : new);
	return validity ? validity : 1;
}

/* A mailbox we may not write: what can be shown is shown. Without a list its
 * UIDs are in memory only, in the order of the names. */
int
mailbox_show_unlocked(struct mailbox *b)
{
	if (!scan_all(b))
		return 0;
	if (!b->uids.validity) {
		b->uids.validity = unwritten_validity(b);
		b->uids.next = 1;
		b->unwritten = true;
	}
	check_validity(b);
	if (b->unwritten) {
		if (scan_number(b) < 0) {
			uidlist_clear(&b->uids);
			return 0;
		}
		scan_match(b);
	}
	if (!mailbox_check_same(b) || !show(b))
		return 0;
	(void)uidlist_known(&b->uids, &b->seen.uids);
	return 1;
}
