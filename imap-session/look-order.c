/* SPDX-License-Identifier: ISC */
#include "look.h"

#include "dates.h"
#include "subject.h"
#include "text.h"

static void
take_first(struct header_field const *f, char const *name, struct bytes *v)
{
	if (!v->s && header_is(f, name))
		*v = (struct bytes){ f->value, f->value_len };
}

static bool
map_subject(struct look *l, struct bytes v, bool *reply)
{
	size_t start;
	*reply = false;
	l->text.len = 0;
	if (!v.s)
		return true;
	if (!text_of_header(v.s, v.len, &l->text))
		return false;
	subject_base(l->text.s, &start, &l->text.len, reply);
	return text_casemap(l->text.s + start, l->text.len, &l->mapped);
}

static bool
known(struct look *l, enum cache_fact fact, struct bytes *record)
{
	struct session *s = l->s;
	return !l->gone &&
	    cache_get(&s->cache, &s->box, l->reader.m, fact, &record->s,
	        &record->len);
}

static void
keep(struct look *l, enum cache_fact fact, stralloc const *record)
{
	struct session *s = l->s;
	cache_put(&s->cache, &s->box, l->reader.m, fact, record->s,
	    record->len);
}

static bool
find_order(struct look *l, struct sort_order_fact *o)
{
	struct bytes date = { NULL, 0 };
	struct bytes subject = { NULL, 0 };
	struct bytes header;
	struct header_field f;
	size_t pos = 0;
	if (!look_fields(l, "Subject", &header))
		return false;
	while (header_next(header.s, header.len, &pos, &f)) {
		take_first(&f, "Date", &date);
		take_first(&f, "Subject", &subject);
	}
	o->date = 0;
	o->has_date = date.s && date_sent(date.s, date.len, &o->date);
	if (!map_subject(l, subject, &o->reply))
		return false;
	if (l->mapped.len > SORT_TEXT_MAX)
		l->mapped.len = SORT_TEXT_MAX;
	o->subject = (struct bytes){ l->mapped.s, l->mapped.len };
	if (sort_order_pack(o, &l->plain))
		keep(l, FACT_ORDER, &l->plain);
	return true;
}

static bool
known_order(struct look *l, struct sort_order_fact *o)
{
	struct bytes record;
	return known(l, FACT_ORDER, &record) &&
	    sort_order_open(o, record.s, record.len) &&
	    stralloc_catb(&l->mapped, o->subject.s, o->subject.len);
}

bool
look_order(struct look *l, int64_t *date, bool *reply)
{
	struct sort_order_fact o;
	l->mapped.len = 0;
	if (!stralloc_ready(&l->mapped, SORT_TEXT_MAX) ||
	    !(known_order(l, &o) || find_order(l, &o)))
		return false;
	*date = o.date;
	*reply = o.reply;
	return o.has_date || look_date(l, date);
}

/* What was not there. */
static void
make_empty(struct bytes *v)
{
	if (!v->s)
		*v = (struct bytes){ "", 0 };
}

static bool
find_ids(struct look *l, struct sort_ids_fact *i)
{
	struct bytes header;
	struct header_field f;
	size_t pos = 0;
	*i = (struct sort_ids_fact){ .id = { NULL, 0 } };
	if (!look_fields(l, "References", &header))
		return false;
	while (header_next(header.s, header.len, &pos, &f)) {
		take_first(&f, "Message-ID", &i->id);
		take_first(&f, "References", &i->references);
		take_first(&f, "In-Reply-To", &i->in_reply_to);
	}
	make_empty(&i->id);
	make_empty(&i->references);
	make_empty(&i->in_reply_to);
	if (sort_ids_pack(i, &l->plain))
		keep(l, FACT_IDS, &l->plain);
	return true;
}

bool
look_ids(struct look *l, struct sort_ids_fact *i)
{
	struct bytes record;
	return (known(l, FACT_IDS, &record) &&
	           sort_ids_open(i, record.s, record.len)) ||
	    find_ids(l, i);
}
