/* SPDX-License-Identifier: ISC */
/* FETCH: the items that are no sections. */
#include "fetch.h"

#include "dates.h"
#include "envelope.h"
#include "object-id.h"
#include "structure.h"
#include "value.h"

/* --- text put together in memory ------------------------------------------ */

void
fetch_put(struct fetch_work *w, char const *text)
{
	wire_puts(w->wire, w->space);
	wire_puts(w->wire, text);
	w->space = " ";
}

void
fetch_text_start(struct fetch_work *w, struct fetch_item *item)
{
	item->at = w->text.len;
}

int
fetch_text_end(struct fetch_work *w, struct fetch_item *item, int ok)
{
	item->len = w->text.len - item->at;
	return ok;
}

void
fetch_put_text(struct fetch_work *w, struct fetch_item const *item)
{
	fetch_put(w, item->kind->name);
	wire_puts(w->wire, " ");
	wire_put(w->wire, w->text.s + item->at, item->len);
}

/* --- what the mailbox knows ----------------------------------------------- */

void
put_item_uid(struct fetch_work *w, struct fetch_item const *item)
{
	(void)item;
	fetch_put(w, "UID ");
	wire_number(w->wire, w->reader.m->uid);
}

void
put_item_modseq(struct fetch_work *w, struct fetch_item const *item)
{
	(void)item;
	fetch_put(w, "");
	put_modseq(w->reader.s, w->reader.m);
}

void
put_item_emailid(struct fetch_work *w, struct fetch_item const *item)
{
	char id[OBJECT_ID_SIZE];
	(void)item;
	email_id(&w->reader.s->box, w->reader.m, id);
	fetch_put(w, "EMAILID (");
	wire_puts(w->wire, id);
	wire_puts(w->wire, ")");
}

/* RFC 8474 section 5.2: we know of no threads. */
void
put_item_threadid(struct fetch_work *w, struct fetch_item const *item)
{
	(void)item;
	fetch_put(w, "THREADID NIL");
}

void
put_item_flags(struct fetch_work *w, struct fetch_item const *item)
{
	(void)item;
	fetch_put(w, "");
	put_flags(w->reader.s, w->reader.m);
	w->reader.m->changed = false;
}

int
find_size(struct fetch_work *w, struct fetch_item *item)
{
	uint64_t size;
	fetch_text_start(w, item);
	return fetch_text_end(w, item,
	    reader_size(&w->reader, &size) && value_number(&w->text, size));
}

static int
find_date(struct fetch_work *w, struct fetch_item *item,
    int (*date_of)(struct reader *r, int64_t *t))
{
	int64_t t;
	char date[INTERNALDATE_SIZE];
	fetch_text_start(w, item);
	if (!date_of(&w->reader, &t))
		return 0;
	date_internal((time_t)t, date);
	return fetch_text_end(w, item, stralloc_cats(&w->text, date));
}

int
find_internaldate(struct fetch_work *w, struct fetch_item *item)
{
	return find_date(w, item, reader_date);
}

/* RFC 8514 */
int
find_savedate(struct fetch_work *w, struct fetch_item *item)
{
	return find_date(w, item, reader_saved);
}

/* --- what the message says ------------------------------------------------ */

static int
find_fact(struct fetch_work *w, struct fetch_item *item, enum cache_fact fact,
    int (*make)(struct reader *r, stralloc *out))
{
	fetch_text_start(w, item);
	return fetch_text_end(w, item,
	    reader_fact(&w->reader, fact, make, &w->text));
}

static int
make_envelope(struct reader *r, stralloc *out)
{
	char const *header;
	size_t len;
	return reader_fields(r, "Date", &header, &len) &&
	    envelope_put(out, header, len);
}

int
find_envelope(struct fetch_work *w, struct fetch_item *item)
{
	return find_fact(w, item, FACT_ENVELOPE, make_envelope);
}

static int
read_header(void *arg, struct mime_part const *p, stralloc *out)
{
	return reader_part_header(arg, p, out);
}

static int
make_structure(struct reader *r, stralloc *out, bool extended)
{
	struct header_source source = { read_header, r };
	return reader_parse(r, true) &&
	    structure_put(out, &r->s->mime, extended, &source);
}

static int
make_body(struct reader *r, stralloc *out)
{
	return make_structure(r, out, false);
}

int
find_body(struct fetch_work *w, struct fetch_item *item)
{
	return find_fact(w, item, FACT_BODY, make_body);
}

static int
make_bodystructure(struct reader *r, stralloc *out)
{
	return make_structure(r, out, true);
}

int
find_bodystructure(struct fetch_work *w, struct fetch_item *item)
{
	return find_fact(w, item, FACT_BODYSTRUCTURE, make_bodystructure);
}
