/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <string.h>

struct known {
	char const *name;
	enum fetch_kind kind;
};

static struct known const atoms[] = {
	{ "UID", FETCH_UID },
	{ "FLAGS", FETCH_FLAGS },
	{ "INTERNALDATE", FETCH_INTERNALDATE },
	{ "RFC822.SIZE", FETCH_SIZE },
	{ "ENVELOPE", FETCH_ENVELOPE },
	{ "BODYSTRUCTURE", FETCH_BODYSTRUCTURE },
};

/* The old names of sections. */
struct old_name {
	char const *name;
	enum section_what what;
	bool peek;
};

static struct old_name const old_names[] = {
	{ "RFC822", SECTION_ALL, false },
	{ "RFC822.HEADER", SECTION_HEADER, true },
	{ "RFC822.TEXT", SECTION_TEXT, false },
};

struct macro {
	char const *name;
	enum fetch_kind kinds[5];
	unsigned count;
};

static struct macro const macros[] = {
	{ "FAST", { FETCH_FLAGS, FETCH_INTERNALDATE, FETCH_SIZE }, 3 },
	{ "ALL",
	    { FETCH_FLAGS, FETCH_INTERNALDATE, FETCH_SIZE, FETCH_ENVELOPE },
	    4 },
	{ "FULL",
	    { FETCH_FLAGS, FETCH_INTERNALDATE, FETCH_SIZE, FETCH_ENVELOPE,
	        FETCH_BODY },
	    5 },
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct fetch_item *
add(struct fetch *f, enum fetch_kind kind)
{
	if (f->count == FETCH_ITEMS_MAX)
		return NULL;
	struct fetch_item *item = &f->items[f->count++];
	memset(item, 0, sizeof *item);
	item->kind = kind;
	return item;
}

static bool
add_macro(struct cursor *c, struct fetch *f)
{
	for (size_t i = 0; i < COUNT(macros); i++) {
		if (!cursor_word(c, macros[i].name))
			continue;
		for (unsigned k = 0; k < macros[i].count; k++)
			add(f, macros[i].kinds[k]);
		return true;
	}
	return false;
}

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
	return header_list(c, item);
}

/* section-spec = section-msgtext / (section-part ["." section-text]) */
static bool
section(struct cursor *c, struct fetch_item *item)
{
	item->what = SECTION_ALL;
	if (cursor_is(c, ']'))
		return true;
	while (c->pos < c->len && c->s[c->pos] >= '1' && c->s[c->pos] <= '9') {
		if (item->depth == SECTION_DEPTH_MAX ||
		    !cursor_nz_number(c, &item->numbers[item->depth++]))
			return false;
		if (!cursor_char(c, '.'))
			return true;
	}
	return section_text(c, item);
}

/* "BODY" ["." "PEEK"] section ["<" number "." nz-number ">"], from "[" on */
static bool
body_section(struct cursor *c, struct fetch *f, bool peek)
{
	struct fetch_item *item = add(f, FETCH_SECTION);
	if (!item)
		return false;
	item->peek = peek;
	if (!cursor_char(c, '[') || !section(c, item) || !cursor_char(c, ']'))
		return false;
	if (!cursor_char(c, '<'))
		return true;
	item->partial = true;
	return cursor_number(c, &item->offset) && cursor_char(c, '.') &&
	    cursor_nz_number(c, &item->count) && cursor_char(c, '>');
}

static bool
attribute(struct cursor *c, struct fetch *f)
{
	for (size_t i = 0; i < COUNT(atoms); i++)
		if (cursor_word(c, atoms[i].name))
			return add(f, atoms[i].kind);
	for (size_t i = 0; i < COUNT(old_names); i++) {
		if (!cursor_word(c, old_names[i].name))
			continue;
		struct fetch_item *item = add(f, FETCH_SECTION);
		if (!item)
			return false;
		item->name = old_names[i].name;
		item->what = old_names[i].what;
		item->peek = old_names[i].peek;
		return true;
	}
	if (cursor_word(c, "BODY.PEEK"))
		return body_section(c, f, true);
	if (!cursor_word(c, "BODY"))
		return false;
	return cursor_is(c, '[') ? body_section(c, f, false)
	                         : add(f, FETCH_BODY) != NULL;
}

bool
fetch_parse(struct cursor *c, struct fetch *f)
{
	f->count = 0;
	if (add_macro(c, f))
		return cursor_end(c);
	if (!cursor_char(c, '('))
		return attribute(c, f) && cursor_end(c);
	do
		if (!attribute(c, f))
			return false;
	while (cursor_space(c));
	return cursor_char(c, ')') && cursor_end(c);
}

void
fetch_free(struct fetch *f)
{
	for (unsigned i = 0; i < f->count; i++)
		stralloc_free(&f->items[i].fields);
}
