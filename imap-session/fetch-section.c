/* SPDX-License-Identifier: ISC */
/* FETCH: BODY[section]<partial> and the old names of some sections (RFC 3501
 * section 6.4.5). The length of a literal is counted on the file itself. */
#include "fetch.h"

#include <string.h>
#include "header.h"
#include "lines.h"
#include "structure.h"

/* --- grammar -------------------------------------------------------------- */

/* header-list = "(" header-fld-name *(SP header-fld-name) ")" */
static bool
header_list(struct cursor *c, struct fetch_item *item)
{
	stralloc name = STRALLOC_ZERO;
	bool ok = cursor_space(c) && cursor_char(c, '(');
	while (ok) {
		ok = cursor_astring(c, &name) && name.len &&
		    stralloc_catb(&item->fields, name.s, name.len) &&
		    stralloc_append(&item->fields, 0);
		if (!ok || !cursor_space(c))
			break;
	}
	stralloc_free(&name);
	return ok && cursor_char(c, ')');
}

static void
note_cached(struct fetch_item *item)
{
	for (size_t i = 0; i < item->fields.len;) {
		char const *name = item->fields.s + i;
		size_t n = strlen(name);
		uint64_t bit = cached_field(name, n);
		if (!bit) {
			item->cached = 0;
			return;
		}
		item->cached |= bit;
		i += n + 1;
	}
}

/* section-msgtext, section-text */
static bool
section_text(struct cursor *c, struct fetch_item *item)
{
	if (cursor_word(c, "HEADER")) {
		item->what = SECTION_HEADER;
		return true;
	}
	if (cursor_word(c, "TEXT")) {
		item->what = SECTION_TEXT;
		return true;
	}
	if (item->depth && cursor_word(c, "MIME")) {
		item->what = SECTION_MIME;
		return true;
	}
	if (cursor_word(c, "HEADER.FIELDS"))
		item->what = SECTION_FIELDS;
	else if (cursor_word(c, "HEADER.FIELDS.NOT"))
		item->what = SECTION_FIELDS_NOT;
	else
		return false;
	if (!header_list(c, item))
		return false;
	if (!item->depth && item->what == SECTION_FIELDS)
		note_cached(item);
	return true;
}

bool
fetch_section_part(struct cursor *c, struct fetch_item *item, bool *more)
{
	*more = true;
	while (c->pos < c->len && c->s[c->pos] >= '1' && c->s[c->pos] <= '9') {
		if (item->depth == SECTION_DEPTH_MAX ||
		    !cursor_nz_number(c, &item->numbers[item->depth++]))
			return false;
		*more = cursor_char(c, '.');
		if (!*more)
			return true;
	}
	return true;
}

bool
fetch_partial(struct cursor *c, struct fetch_item *item)
{
	item->partial = cursor_char(c, '<');
	return !item->partial ||
	    (cursor_size(c, &item->offset) && cursor_char(c, '.') &&
	        !cursor_is(c, '0') && cursor_size(c, &item->count) &&
	        cursor_char(c, '>'));
}

/* section-spec = section-msgtext / (section-part ["." section-text]) */
bool
parse_section(struct cursor *c, struct fetch_item *item)
{
	bool more;
	if (cursor_char(c, ']'))
		return fetch_partial(c, item);
	return fetch_section_part(c, item, &more) &&
	    (!more || section_text(c, item)) && cursor_char(c, ']') &&
	    fetch_partial(c, item);
}

/* --- finding -------------------------------------------------------------- */

/* The part it is about; -1: there is none. */
static int
part_of(struct mime const *m, struct fetch_item const *item)
{
	if (!item->depth)
		return 0;
	int part = structure_find(m, item->numbers, item->depth);
	bool in_message =
	    item->what != SECTION_ALL && item->what != SECTION_MIME;
	if (part < 0 || !in_message)
		return part;
	return m->parts[part].kind == MIME_MESSAGE ? m->parts[part].child : -1;
}

/* Goes on by COUNT octets as sent, and leaves landmarks. */
static int
skip(struct reader *r, struct place *p, uint64_t count, uint64_t end)
{
	struct landmarks *l = &r->s->landmarks;
	while (count) {
		uint64_t step =
		    count < LANDMARKS_STRIDE ? count : LANDMARKS_STRIDE;
		uint64_t before = p->wire;
		if (!content_skip(&r->content, p, step, end))
			return 0;
		landmarks_add(l, r->m->uid, p);
		if (p->wire - before < step)
			break;
		count -= step;
	}
	return 1;
}

/* Counts what is to be sent, from FROM to END in the file. */
static int
measure(struct reader *r, struct fetch_item *item, struct place from,
    uint64_t end)
{
	uint64_t wanted = item->partial ? item->count : UINT64_MAX;
	if (item->partial) {
		uint64_t target = from.wire + item->offset;
		landmarks_use(&r->s->landmarks, r->m->uid, target, &from);
		if (!skip(r, &from, target - from.wire, end))
			return 0;
		/* Beyond the end: nothing is left. */
		if (from.wire < target)
			wanted = 0;
	}
	item->from = item->to = from;
	item->found = FOUND_IN_FILE;
	return skip(r, &item->to, wanted, end);
}

static bool
is_asked(struct fetch_item const *item, struct header_field const *f)
{
	for (size_t i = 0; i < item->fields.len;) {
		char const *name = item->fields.s + i;
		if (header_is(f, name))
			return item->what == SECTION_FIELDS;
		i += strlen(name) + 1;
	}
	return item->what == SECTION_FIELDS_NOT;
}

bool
section_fields(struct fetch_item const *item, char const *header, size_t len,
    stralloc *out)
{
	struct header_field f;
	size_t pos = 0;
	while (header_next(header, len, &pos, &f))
		if (is_asked(item, &f) && !lines_append(out, f.start, f.len))
			return false;
	return true;
}

static int
take_partial(struct fetch_item *item)
{
	size_t skip = item->offset < item->len ? item->offset : item->len;
	item->at += skip;
	item->len -= skip;
	if (item->count < item->len)
		item->len = item->count;
	return 1;
}

static int
read_fields(struct fetch_work *w, struct fetch_item const *item,
    struct mime_part const *p)
{
	stralloc part = STRALLOC_ZERO;
	char const *header;
	size_t len;
	if (!item->depth)
		return reader_fields(&w->reader, NULL, &header, &len) &&
		    section_fields(item, header, len, &w->text);
	int ok = reader_part_header(&w->reader, p, &part) &&
	    section_fields(item, part.s, part.len, &w->text);
	stralloc_free(&part);
	return ok;
}

/* Fields and a blank line. */
static int
find_fields(struct fetch_work *w, struct fetch_item *item,
    struct mime_part const *p)
{
	struct cached_fields cached;
	fetch_text_start(w, item);
	struct reader *r = &w->reader;
	int ok = !p && r->m && session_cached_fields(r->s, r->m, &cached)
	    ? cached_fields_put(&cached, item->cached, &w->text)
	    : read_fields(w, item, p);
	ok = ok && stralloc_catb(&w->text, "\r\n", 2);
	item->found = FOUND_IN_TEXT;
	return fetch_text_end(w, item, ok) &&
	    (!item->partial || take_partial(item));
}

bool
section_place(struct mime const *m, struct fetch_item const *item,
    struct mime_part const **part, struct mime_pos *from, uint64_t *end)
{
	int i = part_of(m, item);
	if (i < 0)
		return false;
	struct mime_part const *p = *part = &m->parts[i];
	*from = p->body;
	*end = item->depth ? p->end.raw : UINT64_MAX;
	if (item->what == SECTION_HEADER || item->what == SECTION_MIME) {
		*from = p->header;
		*end = p->body.raw;
	} else if (item->what == SECTION_ALL && !item->depth) {
		*from = p->header;
	}
	return true;
}

int
find_section(struct fetch_work *w, struct fetch_item *item)
{
	struct reader *r = &w->reader;
	struct mime_part const *p;
	struct mime_pos from;
	uint64_t end;
	item->found = FOUND_NOTHING;
	if (item->cached)
		return find_fields(w, item, NULL);
	if (!item->depth && item->what == SECTION_ALL)
		return reader_open(r) &&
		    measure(r, item, (struct place){ 0, 0, false }, UINT64_MAX);
	if (!reader_parse(r, item->depth > 0))
		return 0;
	if (!section_place(&r->s->mime, item, &p, &from, &end))
		return 1;
	if (section_is_fields(item))
		return find_fields(w, item, p);
	return measure(r, item, (struct place){ from.raw, from.wire, false },
	    end);
}

/* --- sending -------------------------------------------------------------- */

static void
put_field_names(struct fetch_work *w, struct fetch_item const *item)
{
	char const *space = " (";
	for (size_t i = 0; i < item->fields.len;) {
		char const *name = item->fields.s + i;
		size_t n = strlen(name);
		wire_puts(w->wire, space);
		wire_astring(w->wire, name, n);
		space = " ";
		i += n + 1;
	}
	wire_puts(w->wire, ")");
}

void
fetch_put_section_name(struct fetch_work *w, char const *name,
    struct fetch_item const *item)
{
	static char const *const words[] = { [SECTION_ALL] = "",
		[SECTION_HEADER] = "HEADER",
		[SECTION_FIELDS] = "HEADER.FIELDS",
		[SECTION_FIELDS_NOT] = "HEADER.FIELDS.NOT",
		[SECTION_TEXT] = "TEXT",
		[SECTION_MIME] = "MIME" };
	fetch_put(w, name);
	for (unsigned i = 0; i < item->depth; i++) {
		wire_puts(w->wire, i ? "." : "");
		wire_number(w->wire, item->numbers[i]);
	}
	if (item->depth && *words[item->what])
		wire_puts(w->wire, ".");
	wire_puts(w->wire, words[item->what]);
	if (item->fields.len)
		put_field_names(w, item);
	wire_puts(w->wire, "]");
	if (item->partial) {
		wire_puts(w->wire, "<");
		wire_number(w->wire, item->offset);
		wire_puts(w->wire, ">");
	}
}

static void
put_literal_header(struct wire *wire, uint64_t count)
{
	wire_puts(wire, " {");
	wire_number(wire, count);
	wire_puts(wire, "}\r\n");
}

static void
put_from_file(struct fetch_work *w, struct fetch_item const *item)
{
	struct place at = item->from;
	uint64_t count = item->to.wire - at.wire;
	put_literal_header(w->wire, count);
	content_send(w->wire, &w->reader.content, &at, count);
}

void
put_section(struct fetch_work *w, struct fetch_item const *item)
{
	if (item->kind->parse)
		fetch_put_section_name(w, "BODY[", item);
	else
		fetch_put(w, item->kind->name);
	switch (item->found) {
	case FOUND_IN_FILE:
		put_from_file(w, item);
		return;
	case FOUND_IN_TEXT:
		put_literal_header(w->wire, item->len);
		wire_put(w->wire, w->text.s + item->at, item->len);
		return;
	case FOUND_NOTHING:
	default:
		wire_puts(w->wire, " \"\"");
	}
}
