/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <string.h>

static struct fetch_kind const kinds[] = {
	{ "BINARY[", parse_binary, find_binary, put_binary, .seen = true },
	{ "BINARY.PEEK[", parse_binary, find_binary, .put = put_binary },
	{ "BINARY.SIZE[", parse_binary_size, find_binary_size,
	    .put = put_binary_size },
	{ "BODY", .find = find_body, .put = fetch_put_text },
	{ "BODY[", parse_section, find_section, put_section, .seen = true },
	{ "BODY.PEEK[", parse_section, find_section, .put = put_section },
	{ "BODYSTRUCTURE", .find = find_bodystructure, .put = fetch_put_text },
	{ "EMAILID", .put = put_item_emailid },
	{ "ENVELOPE", .find = find_envelope, .put = fetch_put_text },
	{ "FLAGS", .put = put_item_flags },
	{ "INTERNALDATE", .find = find_internaldate, .put = fetch_put_text },
	{ "MODSEQ", .put = put_item_modseq },
	{ "PREVIEW", parse_preview, find_preview, .put = fetch_put_text },
	{ "RFC822", .find = find_section, .put = put_section, .seen = true },
	{ "RFC822.HEADER", .find = find_section, .put = put_section,
	    .what = SECTION_HEADER },
	{ "RFC822.SIZE", .find = find_size, .put = fetch_put_text },
	{ "RFC822.TEXT", .find = find_section, .put = put_section,
	    .what = SECTION_TEXT, .seen = true },
	{ "SAVEDATE", .find = find_savedate, .put = fetch_put_text },
	{ "THREADID", .put = put_item_threadid },
	{ "UID", .put = put_item_uid },
};

struct macro {
	char const *name;
	char const *kinds[5];
	unsigned count;
};

static struct macro const macros[] = {
	{ "FAST", { "FLAGS", "INTERNALDATE", "RFC822.SIZE" }, 3 },
	{ "ALL", { "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE" }, 4 },
	{ "FULL",
	    { "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY" }, 5 },
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct fetch_kind const *
kind_of(char const *name)
{
	size_t i = 0;
	while (strcmp(kinds[i].name, name) != 0)
		i++;
	return &kinds[i];
}

static struct fetch_item *
add(struct fetch *f, struct fetch_kind const *kind)
{
	if (f->count == FETCH_ITEMS_MAX)
		return NULL;
	struct fetch_item *item = &f->items[f->count++];
	memset(item, 0, sizeof *item);
	item->kind = kind;
	item->what = kind->what;
	return item;
}

static bool
add_macro(struct cursor *c, struct fetch *f)
{
	for (size_t i = 0; i < COUNT(macros); i++) {
		if (!cursor_word(c, macros[i].name))
			continue;
		for (unsigned k = 0; k < macros[i].count; k++)
			add(f, kind_of(macros[i].kinds[k]));
		return true;
	}
	return false;
}

/* Of "BODY" and "BODY[" the text says which one is meant. */
static bool
is_named(struct cursor *c, char const *name)
{
	char word[32];
	size_t len = strlen(name);
	bool section = name[len - 1] == '[';
	struct cursor probe = *c;
	if (len >= sizeof word)
		return false;
	memcpy(word, name, len + 1);
	if (section)
		word[len - 1] = 0;
	if (!cursor_word(&probe, word) || cursor_char(&probe, '[') != section)
		return false;
	*c = probe;
	return true;
}

static bool
attribute(struct cursor *c, struct fetch *f)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!is_named(c, kinds[i].name))
			continue;
		struct fetch_item *item = add(f, &kinds[i]);
		return item && (!kinds[i].parse || kinds[i].parse(c, item));
	}
	return false;
}

bool
fetch_parse(struct cursor *c, struct fetch *f)
{
	f->count = 0;
	f->changed = f->vanished = f->paged = false;
	if (add_macro(c, f))
		return true;
	if (!cursor_char(c, '('))
		return attribute(c, f);
	do
		if (!attribute(c, f))
			return false;
	while (cursor_space(c));
	return cursor_char(c, ')');
}

/* RFC 7162 sections 3.1.4.1 and 3.2.6, RFC 9394 section 3.3 */
static bool
modifier(struct cursor *c, struct fetch *f)
{
	if (!f->changed && cursor_word(c, "CHANGEDSINCE")) {
		f->changed = true;
		return cursor_space(c) && cursor_modseq(c, &f->changed_since);
	}
	if (!f->paged && cursor_word(c, "PARTIAL")) {
		f->paged = true;
		return cursor_partial(c, &f->page);
	}
	if (f->vanished || !cursor_word(c, "VANISHED"))
		return false;
	return f->vanished = true;
}

bool
fetch_parse_modifiers(struct cursor *c, struct fetch *f)
{
	if (!cursor_space(c))
		return true;
	if (!cursor_char(c, '('))
		return false;
	do
		if (!modifier(c, f))
			return false;
	while (cursor_space(c));
	return cursor_char(c, ')');
}

bool
fetch_asks_for(struct fetch const *f, char const *name)
{
	for (unsigned i = 0; i < f->count; i++)
		if (strcmp(f->items[i].kind->name, name) == 0)
			return true;
	return false;
}

bool
fetch_imply(struct fetch *f, char const *name)
{
	if (fetch_asks_for(f, name))
		return true;
	if (!add(f, kind_of(name)))
		return false;
	struct fetch_item item = f->items[f->count - 1];
	memmove(&f->items[1], &f->items[0], (f->count - 1) * sizeof item);
	f->items[0] = item;
	return true;
}

void
fetch_free(struct fetch *f)
{
	for (unsigned i = 0; i < f->count; i++)
		stralloc_free(&f->items[i].fields);
}
