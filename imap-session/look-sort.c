/* SPDX-License-Identifier: ISC */
/* What SORT orders a message by. */
#include "look.h"

#include "addresses.h"
#include "text.h"

/* The text in L->mapped. */
static bool
take_text(struct look *l, struct sorter *sorter, struct sort_value *v)
{
	size_t len =
	    l->mapped.len < SORT_TEXT_MAX ? l->mapped.len : SORT_TEXT_MAX;
	return sorter_text(sorter, l->mapped.s, len, v);
}

/* As it stands in ENVELOPE. */
static bool
put_span(struct mail_addresses const *a, struct span span, char const *missing,
    stralloc *out)
{
	return span.len ? stralloc_catb(out, a->pool.s + span.at, span.len)
	                : stralloc_cats(out, missing);
}

/* RFC 5957 section 3: the name that would be shown, else the address. */
static bool
put_display(struct mail_addresses const *a, struct mail_address const *m,
    stralloc *out)
{
	if (m->name.len || m->kind == MAIL_GROUP_START)
		return text_of_header(a->pool.s + m->name.at, m->name.len, out);
	return put_span(a, m->local, "MISSING_MAILBOX", out) &&
	    stralloc_append(out, '@') &&
	    put_span(a, m->host, "MISSING_DOMAIN", out);
}

static bool
put_mailbox(struct mail_addresses const *a, struct mail_address const *m,
    stralloc *out)
{
	return m->kind == MAIL_GROUP_START
	    ? put_span(a, m->name, "", out)
	    : put_span(a, m->local, "MISSING_MAILBOX", out);
}

/* Of the first address in a field, or the group before it. */
static bool
take_address(struct look *l, char const *field, bool display,
    struct sorter *sorter, struct sort_value *v)
{
	struct mail_addresses a = { STRALLOC_ZERO, STRALLOC_ZERO };
	struct bytes value;
	bool ok = true;
	l->text.len = 0;
	if (look_field(l, field, &value))
		ok = addresses_parse(&a, value.s, value.len);
	if (ok && addresses_count(&a)) {
		struct mail_address const *m = addresses_at(&a, 0);
		ok = display ? put_display(&a, m, &l->text)
		             : put_mailbox(&a, m, &l->text);
	}
	addresses_free(&a);
	return ok && look_map(l) && take_text(l, sorter, v);
}

static bool
take_size(struct look *l, int64_t *n)
{
	uint64_t size;
	if (!look_size(l, &size))
		return false;
	*n = (int64_t)size;
	return true;
}

static bool
take(struct look *l, enum sort_kind kind, struct sorter *sorter,
    struct sort_value *v)
{
	int64_t date;
	bool reply;
	switch (kind) {
	case SORT_ARRIVAL:
		return look_date(l, &v->number);
	case SORT_DATE:
		return look_order(l, &v->number, &reply);
	case SORT_SIZE:
		return take_size(l, &v->number);
	case SORT_SUBJECT:
		return look_order(l, &date, &reply) && take_text(l, sorter, v);
	case SORT_CC:
		return take_address(l, "Cc", false, sorter, v);
	case SORT_FROM:
		return take_address(l, "From", false, sorter, v);
	case SORT_TO:
		return take_address(l, "To", false, sorter, v);
	case SORT_DISPLAYFROM:
		return take_address(l, "From", true, sorter, v);
	case SORT_DISPLAYTO:
		return take_address(l, "To", true, sorter, v);
	case SORT_KINDS:
	default:
		return false;
	}
}

bool
look_sort_values(struct look *l, struct sorter *sorter)
{
	struct sort_value v[SORT_KINDS] = { 0 };
	unsigned n = sorter->order.count;
	for (unsigned i = 0; i < n; i++)
		if (!take(l, sorter->order.by[i].kind, sorter, &v[i]))
			return false;
	return stralloc_catb(&sorter->values, (char const *)v, n * sizeof *v);
}
