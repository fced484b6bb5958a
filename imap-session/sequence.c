/* SPDX-License-Identifier: ISC */
#include "sequence.h"

#include <stdio.h>
#include <stdlib.h>

static struct range *
ranges(struct sequence *set)
{
	return (struct range *)(void *)set->ranges.s;
}

struct range const *
sequence_ranges(struct sequence const *set)
{
	return (struct range const *)(void const *)set->ranges.s;
}

uint32_t
sequence_count(struct sequence const *set)
{
	return (uint32_t)(set->ranges.len / sizeof(struct range));
}

static int
append(struct sequence *set, uint32_t first, uint32_t last)
{
	struct range r = { first, last };
	return stralloc_catb(&set->ranges, (char const *)&r, sizeof r);
}

static bool
seq_number(struct cursor *c, uint32_t *n)
{
	*n = SEQUENCE_STAR;
	return cursor_char(c, '*') || cursor_nz_number(c, n);
}

bool
cursor_sequence(struct cursor *c, struct sequence *set)
{
	set->ranges.len = 0;
	set->saved = cursor_char(c, '$');
	if (set->saved)
		return true;
	do {
		uint32_t first;
		uint32_t last;
		if (!seq_number(c, &first))
			return false;
		last = first;
		if (cursor_char(c, ':') && !seq_number(c, &last))
			return false;
		if (!append(set, first, last))
			return false;
	} while (cursor_char(c, ','));
	return true;
}

bool
sequence_has_star(struct sequence const *set)
{
	struct range const *r = sequence_ranges(set);
	for (uint32_t i = 0; i < sequence_count(set); i++)
		if (r[i].first == SEQUENCE_STAR || r[i].last == SEQUENCE_STAR)
			return true;
	return false;
}

static int
by_first(void const *a, void const *b)
{
	uint32_t x = ((struct range const *)a)->first;
	uint32_t y = ((struct range const *)b)->first;
	return (x > y) - (x < y);
}

void
sequence_resolve(struct sequence *set, uint32_t largest)
{
	struct range *r = ranges(set);
	uint32_t n = sequence_count(set);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t a = r[i].first == SEQUENCE_STAR ? largest : r[i].first;
		uint32_t b = r[i].last == SEQUENCE_STAR ? largest : r[i].last;
		r[i].first = a < b ? a : b;
		r[i].last = a < b ? b : a;
	}
	if (n > 1)
		qsort(r, n, sizeof *r, by_first);
	uint32_t out = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (out && r[i].first <= r[out - 1].last) {
			if (r[i].last > r[out - 1].last)
				r[out - 1].last = r[i].last;
		} else {
			r[out++] = r[i];
		}
	}
	set->ranges.len = out * sizeof *r;
}

bool
sequence_has(struct sequence const *set, uint32_t n)
{
	struct range const *r = sequence_ranges(set);
	uint32_t low = 0;
	uint32_t high = sequence_count(set);
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (r[mid].last < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low < sequence_count(set) && r[low].first <= n;
}

uint32_t
sequence_max(struct sequence const *set)
{
	uint32_t n = sequence_count(set);
	return n ? sequence_ranges(set)[n - 1].last : 0;
}

void
sequence_drop(struct sequence *set, uint32_t n)
{
	struct range *r = ranges(set);
	uint32_t count = sequence_count(set);
	uint32_t out = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (r[i].last <= n)
			continue;
		r[out] = r[i];
		if (r[out].first <= n)
			r[out].first = n + 1;
		out++;
	}
	set->ranges.len = out * sizeof *r;
}

int
sequence_add_range(struct sequence *set, uint32_t first, uint32_t last)
{
	uint32_t count = sequence_count(set);
	if (count && ranges(set)[count - 1].last + 1 == first) {
		ranges(set)[count - 1].last = last;
		return 1;
	}
	return append(set, first, last);
}

int
sequence_add(struct sequence *set, uint32_t n)
{
	return sequence_add_range(set, n, n);
}

int
sequence_format(struct sequence const *set, stralloc *out)
{
	struct range const *r = sequence_ranges(set);
	for (uint32_t i = 0; i < sequence_count(set); i++) {
		char buf[32];
		int n = r[i].first == r[i].last
		    ? snprintf(buf, sizeof buf, "%s%u", i ? "," : "",
		          (unsigned)r[i].first)
		    : snprintf(buf, sizeof buf, "%s%u:%u", i ? "," : "",
		          (unsigned)r[i].first, (unsigned)r[i].last);
		if (!stralloc_catb(out, buf, (size_t)n))
			return 0;
	}
	return 1;
}
