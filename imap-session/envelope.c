/* SPDX-License-Identifier: ISC */
#include "envelope.h"

#include <stdbool.h>
#include <string.h>
#include "addresses.h"
#include "header.h"
#include "value.h"

enum slot {
	DATE,
	SUBJECT,
	FROM,
	SENDER,
	REPLY_TO,
	TO,
	CC,
	BCC,
	IN_REPLY_TO,
	MESSAGE_ID,
	SLOTS
};

struct field {
	char const *name;
	bool addresses;
	int otherwise; /* the slot to use when there is none; -1: NIL */
};

/* In the order ENVELOPE wants. */
static struct field const fields[SLOTS] = {
	[DATE] = { "Date", false, -1 },
	[SUBJECT] = { "Subject", false, -1 },
	[FROM] = { "From", true, -1 },
	[SENDER] = { "Sender", true, FROM },
	[REPLY_TO] = { "Reply-To", true, FROM },
	[TO] = { "To", true, -1 },
	[CC] = { "Cc", true, -1 },
	[BCC] = { "Bcc", true, -1 },
	[IN_REPLY_TO] = { "In-Reply-To", false, -1 },
	[MESSAGE_ID] = { "Message-ID", false, -1 },
};

struct envelope {
	bool seen[SLOTS];
	stralloc text[SLOTS];
	struct mail_addresses lists[SLOTS];
};

/* Of several fields the last one counts; addresses add up. */
static int
take(struct envelope *e, struct header_field const *f)
{
	for (int i = 0; i < SLOTS; i++) {
		if (!header_is(f, fields[i].name))
			continue;
		e->seen[i] = true;
		if (fields[i].addresses)
			return addresses_parse(&e->lists[i], f->value,
			    f->value_len);
		e->text[i].len = 0;
		return header_unfold(f->value, f->value_len, &e->text[i]);
	}
	return 1;
}

static int
put_span(stralloc *out, char before, struct mail_addresses const *a,
    struct span span, char const *missing)
{
	if (!stralloc_append(out, before))
		return 0;
	if (span.len)
		return value_string(out, a->pool.s + span.at, span.len);
	return stralloc_cats(out, missing);
}

/* (name route mailbox host); a host of NIL marks a group, so an address that
 * lacks something must say so in words. */
static int
put_address(stralloc *out, struct mail_addresses const *a,
    struct mail_address const *m)
{
	if (m->kind == MAIL_GROUP_END)
		return stralloc_cats(out, "(NIL NIL NIL NIL)");
	if (m->kind == MAIL_GROUP_START)
		return stralloc_cats(out, "(NIL NIL") &&
		    put_span(out, ' ', a, m->name, "\"\"") &&
		    stralloc_cats(out, " NIL)");
	return put_span(out, '(', a, m->name, "NIL") &&
	    put_span(out, ' ', a, m->route, "NIL") &&
	    put_span(out, ' ', a, m->local, "\"MISSING_MAILBOX\"") &&
	    put_span(out, ' ', a, m->host, "\"MISSING_DOMAIN\"") &&
	    stralloc_append(out, ')');
}

static int
put_addresses(stralloc *out, struct mail_addresses const *a)
{
	if (!addresses_count(a))
		return stralloc_cats(out, "NIL");
	if (!stralloc_append(out, '('))
		return 0;
	for (size_t i = 0; i < addresses_count(a); i++)
		if (!put_address(out, a, addresses_at(a, i)))
			return 0;
	return stralloc_append(out, ')');
}

static int
put_slot(stralloc *out, struct envelope const *e, int i)
{
	if (fields[i].addresses) {
		int from = fields[i].otherwise;
		if (from >= 0 && !addresses_count(&e->lists[i]))
			i = from;
		return put_addresses(out, &e->lists[i]);
	}
	return e->seen[i] ? value_string(out, e->text[i].s ? e->text[i].s : "",
	                        e->text[i].len)
	                  : stralloc_cats(out, "NIL");
}

int
envelope_put(stralloc *out, char const *header, size_t len)
{
	struct envelope e;
	struct header_field f;
	size_t pos = 0;
	int ok = 1;
	memset(&e, 0, sizeof e);
	while (ok && header_next(header, len, &pos, &f))
		ok = take(&e, &f);
	for (int i = 0; i < SLOTS && ok; i++)
		ok =
		    stralloc_append(out, i ? ' ' : '(') && put_slot(out, &e, i);
	for (int i = 0; i < SLOTS; i++) {
		stralloc_free(&e.text[i]);
		addresses_free(&e.lists[i]);
	}
	return ok && stralloc_append(out, ')');
}
