/* SPDX-License-Identifier: ISC */
#include "select.h"

#include <string.h>

/* A set without "*", ranges turned the right way round. Its numbers need not
 * ascend. */
static bool
known_set(struct cursor *c, struct sequence *set)
{
	return cursor_sequence(c, set) && !set->saved &&
	    !sequence_has_star(set);
}

/* *COUNT: how many numbers an ascending set has. */
static bool
ascending_set(struct cursor *c, struct sequence *set, uint64_t *count)
{
	if (!known_set(c, set))
		return false;
	struct range const *r = sequence_ranges(set);
	uint32_t last = 0;
	*count = 0;
	for (uint32_t i = 0; i < sequence_count(set); i++) {
		if (r[i].first <= last || r[i].last < r[i].first)
			return false;
		last = r[i].last;
		*count += (uint64_t)r[i].last - r[i].first + 1;
	}
	return true;
}

/* seq-match-data = "(" known-sequence-set SP known-uid-set ")" */
static bool
match_data(struct cursor *c, struct select_parameters *p)
{
	uint64_t numbers;
	uint64_t uids;
	return cursor_char(c, '(') && ascending_set(c, &p->numbers, &numbers) &&
	    cursor_space(c) && ascending_set(c, &p->uids, &uids) &&
	    numbers == uids && cursor_char(c, ')');
}

/* "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data]
 * ")" */
static bool
qresync(struct cursor *c, struct select_parameters *p)
{
	if (!cursor_space(c) || !cursor_char(c, '(') ||
	    !cursor_nz_number(c, &p->validity) || !cursor_space(c) ||
	    !cursor_modseq(c, &p->modseq))
		return false;
	bool more = cursor_space(c);
	if (more && !cursor_is(c, '(')) {
		if (!known_set(c, &p->known))
			return false;
		more = cursor_space(c);
	}
	return (!more || match_data(c, p)) && cursor_char(c, ')');
}

static bool
parameter(struct cursor *c, struct select_parameters *p)
{
	if (!p->condstore && cursor_word(c, "CONDSTORE"))
		return p->condstore = true;
	if (p->qresync || !cursor_word(c, "QRESYNC"))
		return false;
	p->qresync = true;
	return qresync(c, p);
}

bool
select_parse(struct cursor *c, struct select_parameters *p)
{
	memset(p, 0, sizeof *p);
	if (cursor_end(c))
		return true;
	if (!cursor_space(c) || !cursor_char(c, '('))
		return false;
	do
		if (!parameter(c, p))
			return false;
	while (cursor_space(c));
	sequence_resolve(&p->known, 0);
	return cursor_char(c, ')') && cursor_end(c);
}

void
select_free(struct select_parameters *p)
{
	stralloc_free(&p->known.ranges);
	stralloc_free(&p->numbers.ranges);
	stralloc_free(&p->uids.ranges);
}

void
select_pairs(struct select_parameters const *p,
    bool (*pair)(void *arg, uint32_t number, uint32_t uid), void *arg)
{
	struct range const *numbers = sequence_ranges(&p->numbers);
	struct range const *uids = sequence_ranges(&p->uids);
	uint32_t n = 0; /* of the range of numbers at hand, how many are done */
	uint32_t u = 0;
	uint32_t i = 0;
	uint32_t k = 0;
	while (i < sequence_count(&p->numbers) &&
	    pair(arg, numbers[i].first + n, uids[k].first + u)) {
		if (numbers[i].first + n++ == numbers[i].last)
			n = 0, i++;
		if (uids[k].first + u++ == uids[k].last)
			u = 0, k++;
	}
}
