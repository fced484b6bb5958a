/* SPDX-License-Identifier: ISC */
/* ADDTO and REMOVEFROM (RFC 5267 section 4.3). */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include "context-parts.h"
#include "fetch.h"
#include "match.h"
#include "results.h"

/* --- lists of UIDs -------------------------------------------------------- */

static uint32_t *
uids_of(stralloc const *list)
{
	return (uint32_t *)(void *)list->s;
}

static uint32_t
count_of(stralloc const *list)
{
	return (uint32_t)(list->len / sizeof(uint32_t));
}

static int
by_number(void const *a, void const *b)
{
	uint32_t x = *(uint32_t const *)a;
	uint32_t y = *(uint32_t const *)b;
	return (x > y) - (x < y);
}

/* In one that ascends. */
static bool
has(stralloc const *list, uint32_t uid)
{
	return count_of(list) &&
	    bsearch(&uid, list->s, count_of(list), sizeof uid, by_number);
}

static int
append(stralloc *list, uint32_t uid)
{
	return stralloc_catb(list, (char const *)&uid, sizeof uid);
}

static int
insert(stralloc *list, uint32_t place, uint32_t uid)
{
	return stralloc_insertb(list, place * sizeof uid, (char const *)&uid,
	    sizeof uid);
}

/* Takes out of LIST what is in the ascending OUT. */
static void
take_out(stralloc *list, stralloc const *out)
{
	uint32_t *uids = uids_of(list);
	uint32_t kept = 0;
	for (uint32_t i = 0; i < count_of(list); i++)
		if (!has(out, uids[i]))
			uids[kept++] = uids[i];
	list->len = kept * sizeof *uids;
}

/* --- telling -------------------------------------------------------------- */

/* The COUNT of them at UIDS, as the client knows them. False: out of memory. */
static bool
put_set(struct session *s, struct context const *x, uint32_t const *uids,
    uint32_t count)
{
	struct results told = { .as_told = true };
	bool ok = true;
	for (uint32_t i = 0; i < count && ok; i++)
		ok = results_add(&told,
		    x->uid ? uids[i]
		           : mailbox_lower_bound(&s->box, uids[i]) + 1);
	if (ok)
		results_put_set(s, &told, 0, count);
	results_free(&told);
	return ok;
}

/* One pair of a place, from 1 on, and a set; *SPACE comes before it. */
static bool
put_pair(struct session *s, struct context const *x, char const **space,
    uint32_t place, uint32_t const *uids, uint32_t count)
{
	wire_puts(&s->wire, *space);
	wire_number(&s->wire, place);
	*space = " ";
	return put_set(s, x, uids, count);
}

/* Each run of them in the result at its place: from the end, so that no place
 * changes on the way, or the other way round, each being where it will be. */
static bool
put_places(struct session *s, struct context const *x, stralloc const *list,
    bool backwards)
{
	uint32_t const *uids = uids_of(&x->uids);
	uint32_t count = count_of(&x->uids);
	char const *space = "";
	for (uint32_t done = 0; done < count;) {
		uint32_t i = backwards ? count - done : done;
		uint32_t n = 0;
		if (backwards)
			while (n < i && has(list, uids[i - n - 1]))
				n++;
		else
			while (i + n < count && has(list, uids[i + n]))
				n++;
		uint32_t first = backwards ? i - n : i;
		if (n && !put_pair(s, x, &space, first + 1, uids + first, n))
			return false;
		done += n + 1;
	}
	return true;
}

/* "* ESEARCH": NAME is the item's. Of a SEARCH the client finds the places
 * itself, which is place 0. */
static bool
put_item(struct session *s, struct context const *x, char const *name,
    stralloc const *list, bool backwards)
{
	bool ok;
	if (!list->len)
		return true;
	wire_puts(&s->wire, "* ESEARCH (TAG ");
	wire_string(&s->wire, x->tag.s, x->tag.len);
	wire_puts(&s->wire, x->uid ? ") UID " : ") ");
	wire_puts(&s->wire, name);
	if (x->order.count) {
		wire_puts(&s->wire, " (");
		ok = put_places(s, x, list, backwards);
	} else {
		wire_puts(&s->wire, " (0");
		ok = put_set(s, x, uids_of(list), count_of(list));
	}
	wire_line(&s->wire, ")");
	return ok;
}

/* What falls out of the result. */
static bool
tell_gone(struct session *s, struct context *x)
{
	if (!put_item(s, x, "REMOVEFROM", &x->gone, true))
		return false;
	take_out(&x->uids, &x->gone);
	return true;
}

/* --- places of what is new in an order ------------------------------------ */

/* The values of the message with this UID are the only ones then, or come after
 * those of another. False: it is gone. */
static bool
load(struct look *l, struct sorter *sorter, uint32_t uid)
{
	uint32_t i = mailbox_lower_bound(&l->s->box, uid);
	return look_at(l, i) && look_sort_values(l, sorter) && !l->gone;
}

/* Whether the message at hand comes before the one with this UID in the order.
 * -1: that one is gone. */
static int
comes_before(struct look *l, struct sorter *sorter, uint32_t uid, uint32_t than)
{
	size_t values = sorter->values.len;
	size_t pool = sorter->pool.len;
	int before = -1;
	if (load(l, sorter, than)) {
		int d = sorter_compare(sorter, 0, 1);
		before = d ? d < 0 : uid < than;
	}
	sorter->values.len = values;
	sorter->pool.len = pool;
	return before;
}

/* What is gone decides nothing. */
static uint32_t
find_place(struct look *l, struct sorter *sorter, struct context const *x,
    uint32_t uid)
{
	uint32_t const *uids = uids_of(&x->uids);
	uint32_t low = 0;
	uint32_t high = count_of(&x->uids);
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		uint32_t k = mid;
		int before = -1;
		while (k < high && before < 0)
			before = comes_before(l, sorter, uid, uids[k++]);
		if (before == 0)
			low = k;
		else
			high = mid;
	}
	return low;
}

/* Puts the new ones where they belong; one that is gone by now is none. False: out
 * of memory. */
static bool
place_fresh(struct look *l, struct context *x)
{
	struct sorter sorter = { .order = x->order };
	uint32_t *uids = uids_of(&x->fresh);
	uint32_t kept = 0;
	bool ok = true;
	for (uint32_t i = 0; i < count_of(&x->fresh) && ok; i++) {
		sorter.values.len = sorter.pool.len = 0;
		if (!load(l, &sorter, uids[i]))
			continue;
		ok = insert(&x->uids, find_place(l, &sorter, x, uids[i]),
		    uids[i]);
		uids[kept++] = uids[i];
	}
	x->fresh.len = kept * sizeof *uids;
	sorter_free(&sorter);
	return ok;
}

/* Without an order, both lists ascend. */
static bool
merge_fresh(struct context *x)
{
	if (!stralloc_catb(&x->uids, x->fresh.s, x->fresh.len))
		return false;
	qsort(x->uids.s, count_of(&x->uids), sizeof(uint32_t), by_number);
	return true;
}

/* --- what has changed ----------------------------------------------------- */

static bool
note_message(struct look *l, struct context *x)
{
	struct message const *m = l->reader.m;
	uint32_t uid = m->uid;
	if (x->fixed && uid <= x->looked)
		return true;
	bool matches = match_message(l, &x->search);
	if (l->gone || matches == has(&x->sorted, uid))
		return true;
	return append(matches ? &x->fresh : &x->gone, uid);
}

/* Those whose news may wait are looked at another time. */
static bool
is_news(struct session const *s, uint32_t i, uint32_t first)
{
	struct message const *m = &s->box.messages[i];
	return !m->judged && !m->gone && (!s->quiet_flags || i + 1 >= first);
}

static bool
note_all(struct look *l, uint32_t first)
{
	struct session *s = l->s;
	for (uint32_t i = 0; i < s->box.told; i++) {
		if (!is_news(s, i, first) || !look_at(l, i))
			continue;
		/* What changes from here on is for the next time. */
		s->box.messages[i].judged = true;
		for (struct context *x = s->contexts; x; x = x->next)
			if (!note_message(l, x))
				return false;
	}
	return true;
}

static bool
begin(struct context *x)
{
	x->gone.len = x->fresh.len = 0;
	if (!stralloc_copy(&x->sorted, &x->uids))
		return false;
	if (x->order.count)
		qsort(x->sorted.s, count_of(&x->sorted), sizeof(uint32_t),
		    by_number);
	return true;
}

/* RFC 5465 section 7: of messages that have come, not of those that were there
 * and have changed. */
static void
fetch_fresh(struct session *s, struct context *x, uint32_t first)
{
	for (uint32_t i = 0; i < count_of(&x->fresh); i++) {
		uint32_t n =
		    mailbox_lower_bound(&s->box, uids_of(&x->fresh)[i]) + 1;
		if (n >= first)
			fetch_range(s, x->fetch, n, n);
	}
}

static bool
tell_fresh(struct look *l, struct context *x, uint32_t first)
{
	if (!x->fresh.len)
		return true;
	if (x->fetch)
		fetch_fresh(l->s, x, first);
	return (x->order.count ? place_fresh(l, x) : merge_fresh(x)) &&
	    put_item(l->s, x, "ADDTO", &x->fresh, false);
}

static bool
update(struct look *l, uint32_t first)
{
	struct session *s = l->s;
	bool ok = true;
	for (struct context *x = s->contexts; x && ok; x = x->next)
		ok = begin(x);
	ok = ok && note_all(l, first);
	for (struct context *x = s->contexts; x && ok; x = x->next)
		ok = tell_gone(s, x) && tell_fresh(l, x, first);
	for (struct context *x = s->contexts; x; x = x->next) {
		stralloc_free(&x->sorted);
		x->looked = s->box.told ? s->box.messages[s->box.told - 1].uid
		                        : x->looked;
	}
	return ok;
}

static bool
any_news(struct session const *s, uint32_t first)
{
	for (uint32_t i = 0; i < s->box.told; i++)
		if (is_news(s, i, first))
			return true;
	return false;
}

void
contexts_update(struct session *s, uint32_t first)
{
	struct look l;
	if (!s->contexts)
		for (uint32_t i = 0; i < s->box.told; i++)
			s->box.messages[i].judged = true;
	if (!s->contexts || !any_news(s, first))
		return;
	if (!look_start(&l, s) || !update(&l, first))
		session_bye(s, "Out of memory");
	look_end(&l);
}

static bool
tell_expunged(struct session *s, struct context *x)
{
	bool ok = begin(x);
	for (uint32_t i = 0; i < s->box.told && ok; i++) {
		struct message const *m = &s->box.messages[i];
		if (m->gone && has(&x->sorted, m->uid))
			ok = append(&x->gone, m->uid);
	}
	stralloc_free(&x->sorted);
	return ok && tell_gone(s, x);
}

void
contexts_expunged(struct session *s)
{
	for (struct context *x = s->contexts; x; x = x->next)
		if (!tell_expunged(s, x))
			session_bye(s, "Out of memory");
}
