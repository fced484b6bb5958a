/* SPDX-License-Identifier: ISC */
#include "results.h"

/* --- RETURN --------------------------------------------------------------- */

bool
cursor_results(struct cursor *c, struct result_options *o)
{
	static char const *const names[] = { "MIN", "MAX", "ALL", "COUNT" };
	*o = (struct result_options){ .kinds = RESULT_ALL };
	if (!cursor_word(c, "RETURN"))
		return true;
	if (!cursor_space(c) || !cursor_char(c, '('))
		return false;
	o->extended = true;
	if (cursor_char(c, ')'))
		return cursor_space(c);
	o->kinds = 0;
	do {
		unsigned i = 0;
		while (i < 4 && !cursor_word(c, names[i]))
			i++;
		if (i == 4)
			return false;
		o->kinds |= 1U << i;
	} while (cursor_space(c));
	return cursor_char(c, ')') && cursor_space(c);
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
	return s->uid ? s->box.messages[n - 1].uid : n;
}

static void
put_item(struct session *s, char const *name, uint32_t n)
{
	wire_puts(&s->wire, name);
	wire_number(&s->wire, n);
}

/* "2,5:9,4": ranges where numbers follow each other, in the order told. */
static void
put_set(struct session *s, struct results const *r, uint32_t from, uint32_t to)
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
		put_set(s, r, 0, count);
	}
	if (o->kinds & RESULT_COUNT)
		put_item(s, " COUNT ", count);
	wire_puts(&s->wire, "\r\n");
}

static void
put_plain(struct session *s, char const *verb, struct results const *r)
{
	wire_puts(&s->wire, "* ");
	wire_puts(&s->wire, verb);
	for (uint32_t i = 0; i < results_count(r); i++)
		put_item(s, " ", shown(s, r, i));
	wire_puts(&s->wire, "\r\n");
}

void
results_put(struct session *s, char const *verb, struct results const *r,
    struct result_options const *o)
{
	if (o->extended)
		put_extended(s, r, o);
	else
		put_plain(s, verb, r);
}
