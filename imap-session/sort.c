/* SPDX-License-Identifier: ISC */
#include "sort.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* --- sort-criteria -------------------------------------------------------- */

static char const *const names[SORT_KINDS] = {
	[SORT_ARRIVAL] = "ARRIVAL",
	[SORT_CC] = "CC",
	[SORT_DATE] = "DATE",
	[SORT_DISPLAYFROM] = "DISPLAYFROM",
	[SORT_DISPLAYTO] = "DISPLAYTO",
	[SORT_FROM] = "FROM",
	[SORT_SIZE] = "SIZE",
	[SORT_SUBJECT] = "SUBJECT",
	[SORT_TO] = "TO",
};

/* A criterion that comes again decides nothing. */
static void
add(struct sort_order *o, struct sort_criterion by)
{
	for (unsigned i = 0; i < o->count; i++)
		if (o->by[i].kind == by.kind)
			return;
	o->by[o->count++] = by;
}

/* ["REVERSE" SP] sort-key */
static bool
criterion(struct cursor *c, struct sort_order *o)
{
	struct sort_criterion by = { SORT_ARRIVAL, cursor_word(c, "REVERSE") };
	if (by.reverse && !cursor_space(c))
		return false;
	while (by.kind < SORT_KINDS && !cursor_word(c, names[by.kind]))
		by.kind++;
	if (by.kind == SORT_KINDS)
		return false;
	add(o, by);
	return true;
}

bool
cursor_sort(struct cursor *c, struct sort_order *o)
{
	o->count = 0;
	if (!cursor_char(c, '('))
		return false;
	do
		if (!criterion(c, o))
			return false;
	while (cursor_space(c));
	return cursor_char(c, ')');
}

/* --- sorting -------------------------------------------------------------- */

/* A message with what mostly decides, side by side. */
struct item {
	int64_t first; /* number of the first value; smaller ones come first */
	uint32_t index;
};

static struct sort_value const *
values_of(struct sorter const *s, uint32_t i)
{
	struct sort_value const *v = (void const *)s->values.s;
	return v + (size_t)i * s->order.count;
}

/* The first octets, as a number that orders as they do. */
static int64_t
first_octets(char const *s, size_t len)
{
	uint64_t n = 0;
	memcpy(&n, s, len < sizeof n ? len : sizeof n);
	return (int64_t)(be64toh(n) ^ (uint64_t)1 << 63);
}

int
sorter_text(struct sorter *s, char const *text, size_t len,
    struct sort_value *v)
{
	*v = (struct sort_value){ .at = s->pool.len, .len = len };
	if (!len)
		text = "";
	v->number = first_octets(text, len);
	return stralloc_catb(&s->pool, text, len);
}

/* Octet by octet, as i;unicode-casemap orders (RFC 5051). */
static int
compare_text(char const *pool, struct sort_value const *a,
    struct sort_value const *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int d = n ? memcmp(pool + a->at, pool + b->at, n) : 0;
	return d ? d : (a->len > b->len) - (a->len < b->len);
}

int
sorter_compare(struct sorter const *s, uint32_t a, uint32_t b)
{
	struct sort_value const *v = values_of(s, a);
	struct sort_value const *w = values_of(s, b);
	for (unsigned k = 0; k < s->order.count; k++) {
		int d =
		    (v[k].number > w[k].number) - (v[k].number < w[k].number);
		if (!d)
			d = compare_text(s->pool.s, &v[k], &w[k]);
		if (d)
			return s->order.by[k].reverse ? -d : d;
	}
	return 0;
}

static int
compare(void const *a, void const *b, void *arg)
{
	struct item const *x = a;
	struct item const *y = b;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	int d = sorter_compare(arg, x->index, y->index);
	return d ? d : (x->index > y->index) - (x->index < y->index);
}

int
sorter_sort(struct sorter *s, uint32_t *numbers, size_t n)
{
	struct item *items = malloc((n + 1) * sizeof *items);
	uint32_t *sorted = malloc((n + 1) * sizeof *sorted);
	int ok = items && sorted;
	for (uint32_t i = 0; ok && i < n; i++) {
		int64_t first = values_of(s, i)->number;
		items[i].first = s->order.by[0].reverse ? ~first : first;
		items[i].index = i;
	}
	if (ok && n) {
		qsort_r(items, n, sizeof *items, compare, s);
		for (size_t i = 0; i < n; i++)
			sorted[i] = numbers[items[i].index];
		memcpy(numbers, sorted, n * sizeof *sorted);
	}
	free(items);
	free(sorted);
	return ok;
}

void
sorter_free(struct sorter *s)
{
	stralloc_free(&s->pool);
	stralloc_free(&s->values);
}
