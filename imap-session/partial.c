/* SPDX-License-Identifier: ISC */
#include "partial.h"

static bool
number(struct cursor *c, bool from_end, uint32_t *n)
{
	return (!from_end || cursor_char(c, '-')) && cursor_nz_number(c, n);
}

bool
cursor_partial(struct cursor *c, struct partial *p)
{
	uint32_t a;
	uint32_t b;
	if (!cursor_space(c))
		return false;
	p->from_end = cursor_is(c, '-');
	if (!number(c, p->from_end, &a) || !cursor_char(c, ':') ||
	    !number(c, p->from_end, &b))
		return false;
	p->first = a < b ? a : b;
	p->last = a < b ? b : a;
	return true;
}

void
partial_places(struct partial const *p, uint32_t count, uint32_t *from,
    uint32_t *to)
{
	uint32_t before = p->first - 1 < count ? p->first - 1 : count;
	uint32_t last = p->last < count ? p->last : count;
	*from = p->from_end ? count - last : before;
	*to = p->from_end ? count - before : last;
}
