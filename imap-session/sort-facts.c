/* SPDX-License-Identifier: ISC */
/* The one record is the date, what is known, and the subject; the other three
 * lengths, and as many octets. */
#include "sort-facts.h"

#include <string.h>

enum { HAS_DATE = 1, IS_REPLY = 2 };

int
sort_order_pack(struct sort_order_fact const *o, stralloc *record)
{
	size_t len =
	    o->subject.len < SORT_TEXT_MAX ? o->subject.len : SORT_TEXT_MAX;
	int64_t date = o->has_date ? o->date : 0;
	uint32_t bits =
	    (o->has_date ? HAS_DATE : 0U) | (o->reply ? IS_REPLY : 0U);
	return stralloc_copyb(record, (char const *)&date, sizeof date) &&
	    stralloc_catb(record, (char const *)&bits, sizeof bits) &&
	    stralloc_catb(record, o->subject.s, len);
}

bool
sort_order_open(struct sort_order_fact *o, char const *record, size_t len)
{
	uint32_t bits;
	size_t const head = sizeof o->date + sizeof bits;
	if (len < head || len - head > SORT_TEXT_MAX)
		return false;
	memcpy(&o->date, record, sizeof o->date);
	memcpy(&bits, record + sizeof o->date, sizeof bits);
	o->has_date = (bits & HAS_DATE) != 0;
	o->reply = (bits & IS_REPLY) != 0;
	o->subject = (struct bytes){ record + head, len - head };
	return true;
}

int
sort_ids_pack(struct sort_ids_fact const *i, stralloc *record)
{
	uint32_t const lengths[] = { (uint32_t)i->id.len,
		(uint32_t)i->references.len, (uint32_t)i->in_reply_to.len };
	return stralloc_copyb(record, (char const *)lengths, sizeof lengths) &&
	    stralloc_catb(record, i->id.s, i->id.len) &&
	    stralloc_catb(record, i->references.s, i->references.len) &&
	    stralloc_catb(record, i->in_reply_to.s, i->in_reply_to.len);
}

bool
sort_ids_open(struct sort_ids_fact *i, char const *record, size_t len)
{
	uint32_t lengths[3];
	if (len < sizeof lengths)
		return false;
	memcpy(lengths, record, sizeof lengths);
	if ((uint64_t)lengths[0] + lengths[1] + lengths[2] !=
	    len - sizeof lengths)
		return false;
	i->id = (struct bytes){ record + sizeof lengths, lengths[0] };
	i->references = (struct bytes){ i->id.s + i->id.len, lengths[1] };
	i->in_reply_to =
	    (struct bytes){ i->references.s + i->references.len, lengths[2] };
	return true;
}
