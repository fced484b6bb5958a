/* SPDX-License-Identifier: ISC */
#include "results.h"

#include <stdlib.h>
#include "fetch.h"

/* --- RETURN --------------------------------------------------------------- */

/* [SP "(" fetch-att *(SP fetch-att) ")"], the space perhaps not there: RFC 5465
 * has it in its example only. */
static bool
update_items(struct cursor *c, struct result_options *o)
{
	struct cursor here = *c;
	(void)cursor_space(&here);
	if (!cursor_is(&here, '('))
		return true;
	*c = here;
	o->fetch = calloc(1, sizeof *o->fetch);
	return o->fetch && fetch_parse(c, o->fetch);
}

static bool
result_option(struct cursor *c, struct result_options *o)
{
	static char const *const names[] = { "MIN", "MAX", "ALL", "COUNT",
		"SAVE", "PARTIAL", "UPDATE", "CONTEXT" };
	unsigned const once = RESULT_PARTIAL | RESULT_UPDATE;
	unsigned const count = sizeof names / sizeof *names;
	unsigned i = 0;
	while (i < count && !cursor_word(c, names[i]))
		i++;
	unsigned kind = 1U << i;
	if (i == count || o->kinds & kind & once)
		return false;
	o->kinds |= kind;
	if (kind == RESULT_UPDATE)
		return update_items(c, o);
	return kind != RESULT_PARTIAL || cursor_partial(c, &o->partial);
}

bool
cursor_results(struct cursor *c, struct result_options *o)
{
	*o = (struct result_options){ .kinds = RESULT_ALL };
	if (!cursor_word(c, "RETURN"))
		return true;
	if (!cursor_space(c) || !cursor_char(c, '('))
		return false;
	o->extended = true;
	if (cursor_char(c, ')'))
		return cursor_space(c);
	o->kinds = 0;
	do
		if (!result_option(c, o))
			return false;
	while (cursor_space(c));
	/* RFC 9394: ALL and PARTIAL exclude each other. */
	return (~o->kinds & (RESULT_ALL | RESULT_PARTIAL)) &&
	    cursor_char(c, ')') && cursor_space(c);
}

/* --- the list ------------------------------------------------------------- */

int
results_add(struct results *r, uint32_t number)
{
	return stralloc_catb(&r->numbers, (char const *)&number, sizeof number);
}

uint32_t
results_count(struct results const *r)
{
	return (uint32_t)(r->numbers.len / sizeof(uint32_t));
}

uint32_t *
results_numbers(struct results const *r)
{
	return (uint32_t *)(void *)r->numbers.s;
}

void
results_free(struct results *r)
{
	stralloc_free(&r->numbers);
}

/* --- telling -------------------------------------------------------------- */

/* The I-th as it is told. */
static uint32_t
shown(struct session *s, struct results const *r, uint32_t i)
{
	uint32_t n = results_numbers(r)[i];
	return s->uid && !r->as_told ? s->box.messages[n - 1].uid : n;
}

static void
put_item(struct session *s, char const *name, uint32_t n)
{
	wire_puts(&s->wire, name);
	wire_number(&s->wire, n);
}

/* Ranges where numbers follow each other, in the order told. */
void
results_put_set(struct session *s, struct results const *r, uint32_t from,
    uint32_t to)
{
	char const *comma = " ";
	while (from < to) {
		uint32_t first = shown(s, r, from++);
		uint32_t last = first;
		while (from < to && shown(s, r, from) == last + 1) {
			last++;
			from++;
		}
		put_item(s, comma, first);
		if (last > first)
			put_item(s, ":", last);
		comma = ",";
	}
}

/* "PARTIAL (-1:-100 2,5:9)" */
static void
put_partial(struct session *s, struct results const *r, struct partial const *p)
{
	uint32_t from;
	uint32_t to;
	partial_places(p, results_count(r), &from, &to);
	put_item(s, p->from_end ? " PARTIAL (-" : " PARTIAL (", p->first);
	put_item(s, p->from_end ? ":-" : ":", p->last);
	if (from < to)
		results_put_set(s, r, from, to);
	else
		wire_puts(&s->wire, " NIL");
	wire_puts(&s->wire, ")");
}

/* --- those that SAVE keeps and MODSEQ is about ---------------------------- */

/* RFC 5182 section 2.4, RFC 4731 section 3.2, RFC 9394 section 3.1: those that
 * are told, or all. */
static bool
counts(struct result_options const *o, uint32_t count, uint32_t i)
{
	uint32_t from;
	uint32_t to;
	unsigned const some = RESULT_MIN | RESULT_MAX | RESULT_PARTIAL;
	if (!(o->kinds & some) || o->kinds & (RESULT_ALL | RESULT_COUNT))
		return true;
	if ((o->kinds & RESULT_MIN && i == 0) ||
	    (o->kinds & RESULT_MAX && i == count - 1))
		return true;
	if (!(o->kinds & RESULT_PARTIAL))
		return false;
	partial_places(&o->partial, count, &from, &to);
	return i >= from && i < to;
}

static int
by_number(void const *a, void const *b)
{
	uint32_t x = *(uint32_t const *)a;
	uint32_t y = *(uint32_t const *)b;
	return (x > y) - (x < y);
}

/* Their numbers in ascending order become UIDs of the session's "$". */
static int
save(struct session *s, struct results const *r, struct result_options const *o)
{
	struct results kept = RESULTS_ZERO;
	uint32_t count = results_count(r);
	int ok = 1;
	for (uint32_t i = 0; i < count && ok; i++)
		if (counts(o, count, i))
			ok = results_add(&kept, results_numbers(r)[i]);
	uint32_t n = ok ? results_count(&kept) : 0;
	uint32_t *numbers = results_numbers(&kept);
	if (n)
		qsort(numbers, n, sizeof *numbers, by_number);
	s->saved.ranges.len = 0;
	for (uint32_t i = 0; i < n && ok; i++)
		ok = sequence_add(&s->saved,
		    s->box.messages[numbers[i] - 1].uid);
	if (!ok)
		s->saved.ranges.len = 0;
	results_free(&kept);
	return ok;
}

static uint64_t
highest_modseq(struct session *s, struct results const *r,
    struct result_options const *o)
{
	uint32_t count = results_count(r);
	uint64_t highest = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t n = results_numbers(r)[i];
		uint64_t modseq = s->box.messages[n - 1].modseq;
		if (modseq > highest && counts(o, count, i))
			highest = modseq;
	}
	return highest;
}

/* --- the answers ---------------------------------------------------------- */

static void
put_modseq_of(struct session *s, struct results const *r,
    struct result_options const *o)
{
	wire_puts(&s->wire, o->extended ? " MODSEQ " : " (MODSEQ ");
	wire_number(&s->wire, highest_modseq(s, r, o));
	wire_puts(&s->wire, o->extended ? "" : ")");
}

static void
put_extended(struct session *s, struct results const *r,
    struct result_options const *o)
{
	uint32_t count = results_count(r);
	wire_puts(&s->wire, "* ESEARCH (TAG ");
	wire_string(&s->wire, s->tag.s, s->tag.len);
	wire_puts(&s->wire, s->uid ? ") UID" : ")");
	if (count && o->kinds & RESULT_MIN)
		put_item(s, " MIN ", shown(s, r, 0));
	if (count && o->kinds & RESULT_MAX)
		put_item(s, " MAX ", shown(s, r, count - 1));
	if (count && o->kinds & RESULT_ALL) {
		wire_puts(&s->wire, " ALL");
		results_put_set(s, r, 0, count);
	}
	if (o->kinds & RESULT_COUNT)
		put_item(s, " COUNT ", count);
	if (o->kinds & RESULT_PARTIAL)
		put_partial(s, r, &o->partial);
	if (count && o->modseq)
		put_modseq_of(s, r, o);
	wire_puts(&s->wire, "\r\n");
}

static void
put_plain(struct session *s, char const *verb, struct results const *r,
    struct result_options const *o)
{
	uint32_t count = results_count(r);
	wire_puts(&s->wire, "* ");
	wire_puts(&s->wire, verb);
	for (uint32_t i = 0; i < count; i++)
		put_item(s, " ", shown(s, r, i));
	if (count && o->modseq)
		put_modseq_of(s, r, o);
	wire_puts(&s->wire, "\r\n");
}

int
results_put(struct session *s, char const *verb, struct results const *r,
    struct result_options const *o)
{
	unsigned const silent = RESULT_UPDATE | RESULT_CONTEXT;
	if (o->kinds & RESULT_SAVE && !save(s, r, o))
		return 0;
	if (!o->extended)
		put_plain(s, verb, r, o);
	else if ((o->kinds & ~silent) != RESULT_SAVE)
		put_extended(s, r, o);
	return 1;
}
