/* SPDX-License-Identifier: ISC */
#include "context.h"

#include <stdlib.h>
#include <string.h>
#include "context-parts.h"
#include "fetch.h"

/* --- what cannot be kept up to date --------------------------------------- */

/* "1:*": all there are, whatever comes. */
static bool
is_all(struct sequence const *set)
{
	struct range const *r = sequence_ranges(set);
	return !set->saved && sequence_count(set) == 1 &&
	    ((r->first == 1 && r->last == SEQUENCE_STAR) ||
	        (r->first == SEQUENCE_STAR && r->last == 1));
}

/* "9:*" goes on to all UIDs to come, if 9 is not beyond the last message: that
 * message is meant then, till there is another. */
static bool
open_end(struct range *r, uint32_t largest)
{
	uint32_t *star = r->first == SEQUENCE_STAR ? &r->first : &r->last;
	uint32_t other = r->first == SEQUENCE_STAR ? r->last : r->first;
	if (*star != SEQUENCE_STAR)
		return true;
	if (other == SEQUENCE_STAR || other > largest)
		return false;
	*star = UINT32_MAX;
	return true;
}

static bool
open_ends(struct session const *s, struct sequence *set)
{
	struct mailbox const *b = &s->box;
	uint32_t largest = b->told ? b->messages[b->told - 1].uid : 1;
	struct range *r = (void *)set->ranges.s;
	for (uint32_t i = 0; !set->saved && i < sequence_count(set); i++)
		if (!open_end(&r[i], largest))
			return false;
	return true;
}

/* A message's number changes with each EXPUNGE, its age with the clock. */
static bool
can_last(struct session const *s, struct search_node *n)
{
	if (n->kind == SEARCH_NUMBERS && is_all(&n->set))
		n->kind = SEARCH_ALL;
	if (n->kind == SEARCH_UIDS)
		return open_ends(s, &n->set);
	return (n->kind != SEARCH_NUMBERS || n->set.saved) &&
	    n->kind != SEARCH_OLDER && n->kind != SEARCH_YOUNGER;
}

/* NULL: nothing stands against it. */
static char const *
reason(struct session const *s, struct search *search)
{
	unsigned n = 0;
	for (struct context const *x = s->contexts; x; x = x->next)
		n++;
	if (n == CONTEXTS_MAX)
		return "Too many contexts";
	for (int i = 0; i < search->count; i++)
		if (!can_last(s, &search->nodes[i]))
			return "Numbers and ages do not last";
	return NULL;
}

static void
put_refusal(struct session *s, char const *tag, size_t len, char const *why)
{
	wire_puts(&s->wire, "* NO [NOUPDATE ");
	wire_string(&s->wire, tag, len);
	wire_puts(&s->wire, "] ");
	wire_line(&s->wire, why);
}

/* --- begin and end -------------------------------------------------------- */

static void
context_free(struct context *x)
{
	stralloc_free(&x->tag);
	search_free(&x->search);
	if (x->fetch)
		fetch_free(x->fetch);
	free(x->fetch);
	stralloc_free(&x->uids);
	stralloc_free(&x->sorted);
	stralloc_free(&x->gone);
	stralloc_free(&x->fresh);
	free(x);
}

/* Where the pointer to it stands; at the end if there is none. */
static struct context **
find(struct session *s, char const *tag, size_t len)
{
	struct context **x = &s->contexts;
	while (
	    *x && ((*x)->tag.len != len || memcmp((*x)->tag.s, tag, len) != 0))
		x = &(*x)->next;
	return x;
}

static void
remove_at(struct context **at)
{
	struct context *x = *at;
	*at = x->next;
	context_free(x);
}

void
contexts_end(struct session *s)
{
	while (s->contexts)
		remove_at(&s->contexts);
}

void
contexts_end_numbers(struct session *s)
{
	struct context **x = &s->contexts;
	while (*x) {
		if ((*x)->uid) {
			x = &(*x)->next;
			continue;
		}
		put_refusal(s, (*x)->tag.s, (*x)->tag.len,
		    "Message numbers are not used any more");
		remove_at(x);
	}
}

answer
context_prepare(struct session *s, struct search *search,
    struct result_options *o)
{
	if (!(o->kinds & RESULT_UPDATE))
		return NULL;
	if (*find(s, s->tag.s, s->tag.len))
		return "BAD Tag of a search that is kept up to date";
	char const *why = reason(s, search);
	if (why) {
		put_refusal(s, s->tag.s, s->tag.len, why);
		o->kinds &= ~(unsigned)RESULT_UPDATE;
		return NULL;
	}
	if (o->fetch && s->uid && !(s->enabled & ENABLED_UIDONLY) &&
	    !fetch_imply(o->fetch, "UID"))
		return ANSWER_BAD_ARGUMENTS;
	/* From here on a change counts for this one, too. */
	contexts_update(s, s->box.told + 1);
	return NULL;
}

/* Whether a key is about what may change in a message. */
static bool
has_flags(struct search const *search)
{
	for (int i = 0; i < search->count; i++)
		switch (search->nodes[i].kind) {
		case SEARCH_FLAG:
		case SEARCH_KEYWORD:
		case SEARCH_MODSEQ:
		case SEARCH_NEW:
		case SEARCH_RECENT:
			return true;
		default:
			break;
		}
	return false;
}

static bool
take_uids(struct session const *s, struct results const *found, stralloc *uids)
{
	uint32_t const *numbers = results_numbers(found);
	for (uint32_t i = 0; i < results_count(found); i++) {
		uint32_t uid = s->box.messages[numbers[i] - 1].uid;
		if (!stralloc_catb(uids, (char const *)&uid, sizeof uid))
			return false;
	}
	return true;
}

int
context_start(struct session *s, struct search *search,
    struct sort_order const *order, struct result_options *o,
    struct results const *found)
{
	if (!(o->kinds & RESULT_UPDATE))
		return 1;
	struct context *x = calloc(1, sizeof *x);
	if (!x)
		return 0;
	if (!stralloc_copy(&x->tag, &s->tag) ||
	    !take_uids(s, found, &x->uids)) {
		context_free(x);
		return 0;
	}
	x->uid = s->uid;
	x->fixed = !has_flags(search);
	x->looked = s->box.told ? s->box.messages[s->box.told - 1].uid : 0;
	if (order)
		x->order = *order;
	x->search = *search;
	memset(search, 0, sizeof *search);
	x->fetch = o->fetch;
	o->fetch = NULL;
	x->next = s->contexts;
	s->contexts = x;
	return 1;
}

/* --- the verb ------------------------------------------------------------- */

/* "CANCELUPDATE" 1*(SP quoted) */
answer
cmd_cancelupdate(struct session *s, struct cursor *c)
{
	stralloc tag = STRALLOC_ZERO;
	bool known = true;
	bool ok;
	do {
		ok = cursor_is(c, '"') && cursor_string(c, &tag);
		if (!ok)
			break;
		struct context **x = find(s, tag.s, tag.len);
		known = known && *x;
		if (*x)
			remove_at(x);
	} while (cursor_space(c));
	ok = ok && cursor_end(c);
	stralloc_free(&tag);
	if (!ok)
		return ANSWER_BAD_ARGUMENTS;
	return known ? "OK CANCELUPDATE completed"
	             : "NO No such search is kept up to date";
}
