/* SPDX-License-Identifier: ISC */
#include "sort.h"

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

static struct sort_value const *
values_of(struct sorter const *s, uint32_t i)
{
	struct sort_value const *v = (void const *)s->values.s;
	return v + (size_t)i * s->order.count;
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

static int
compare(void const *a, void const *b, void *arg)
{
	struct sorter const *s = arg;
	uint32_t i = *(uint32_t const *)a;
	uint32_t j = *(uint32_t const *)b;
	struct sort_value const *v = values_of(s, i);
	struct sort_value const *w = values_of(s, j);
	for (unsigned k = 0; k < s->order.count; k++) {
		int d =
		    (v[k].number > w[k].number) - (v[k].number < w[k].number);
		if (!d)
			d = compare_text(s->pool.s, &v[k], &w[k]);
		if (d)
			return s->order.by[k].reverse ? -d : d;
	}
	return (i > j) - (i < j);
}

int
sorter_sort(struct sorter *s, uint32_t *numbers, size_t n)
{
	uint32_t *order = malloc((n + 1) * sizeof *order);
	uint32_t *sorted = malloc((n + 1) * sizeof *sorted);
	int ok = order && sorted;
	for (uint32_t i = 0; ok && i < n; i++)
		order[i] = i;
	if (ok && n) {
		qsort_r(order, n, sizeof *order, compare, s);
		for (size_t i = 0; i < n; i++)
			sorted[i] = numbers[order[i]];
		memcpy(numbers, sorted, n * sizeof *sorted);
	}
	free(order);
	free(sorted);
	return ok;
}

void
sorter_free(struct sorter *s)
{
	stralloc_free(&s->pool);
	stralloc_free(&s->values);
}
