/* SPDX-License-Identifier: ISC */
/* What a FETCH asks for, and how each item of it is answered: a row in the
 * table of fetch.c for each. */
#ifndef IMAP_FETCH_H
#define IMAP_FETCH_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "content.h"
#include "decode.h"
#include "parse.h"
#include "partial.h"
#include "reader.h"

enum { FETCH_ITEMS_MAX = 64, SECTION_DEPTH_MAX = 100 };

enum section_what {
	SECTION_ALL, /* of the message or part */
	SECTION_HEADER,
	SECTION_FIELDS,
	SECTION_FIELDS_NOT,
	SECTION_TEXT,
	SECTION_MIME
};

enum section_found { FOUND_NOTHING, FOUND_IN_FILE, FOUND_IN_TEXT };

struct fetch_item;
struct fetch_work;

/* A row of the table. */
struct fetch_kind {
	char const *name; /* "[" at its end: a section follows */
	/* Reads what follows the name; NULL: nothing may. False: syntax
	 * error. Pure. */
	bool (*parse)(struct cursor *c, struct fetch_item *item);
	/* Does whatever can fail for the message at hand, before the first
	 * octet of its answer; NULL: nothing can. 1, or 0 with errno. */
	int (*find)(struct fetch_work *w, struct fetch_item *item);
	/* Sends the item, its name first. */
	void (*put)(struct fetch_work *w, struct fetch_item const *item);
	bool seen; /* sets \Seen */
	enum section_what what;
};

struct fetch_item {
	struct fetch_kind const *kind;
	/* of a section */
	enum section_what what;
	uint32_t numbers[SECTION_DEPTH_MAX];
	unsigned depth;
	stralloc fields; /* each ended by a NUL */
	uint64_t cached; /* them as cached_field; 0: some are not */
	bool lazy;       /* PREVIEW: only if it is known */
	bool partial;
	uint32_t offset, count;
	/* in the message at hand */
	enum section_found found;
	struct place from, to;        /* in its file */
	size_t at, len;               /* in the text of the fetch_work */
	struct decode_window decoded; /* of BINARY */
};

struct fetch {
	struct fetch_item items[FETCH_ITEMS_MAX];
	unsigned count;
	/* modifiers */
	bool changed; /* only what has changed since then */
	uint64_t changed_since;
	bool vanished; /* and the UIDs of what is gone since then */
	bool paged;    /* only those at the places of page */
	struct partial page;
};

/* A FETCH at work. */
struct fetch_work {
	struct reader reader; /* of the message at hand */
	struct wire *wire;
	struct fetch *fetch;
	stralloc text; /* what was found in the message at hand */
	char const *space;
};

/* fetch-att, a macro, or a list of fetch-atts. Pure. */
bool fetch_parse(struct cursor *c, struct fetch *f);
/* RFC 4466: [SP "(" fetch-modifier *(SP fetch-modifier) ")"]; of a fetch that was
 * parsed. Pure. */
bool fetch_parse_modifiers(struct cursor *c, struct fetch *f);
void fetch_free(struct fetch *f);

/* An item, named as in the table. Implied ones are answered without being asked
 * for, before the others. False: no room. */
bool fetch_asks_for(struct fetch const *f, char const *name);
bool fetch_imply(struct fetch *f, char const *name);

/* Answers F for the messages with these numbers; what cannot be read is left
 * out. */
void fetch_range(struct session *s, struct fetch *f, uint32_t first,
    uint32_t last);

/* For the functions of a row. */

/* The name of an item, or what else stands at its beginning. */
void fetch_put(struct fetch_work *w, char const *text);
/* The item's name, and the text that was found. */
void fetch_put_text(struct fetch_work *w, struct fetch_item const *item);
/* Between these two, w->text grows by the item's text. */
void fetch_text_start(struct fetch_work *w, struct fetch_item *item);
int fetch_text_end(struct fetch_work *w, struct fetch_item *item, int ok);

/* section-part = nz-number *("." nz-number), perhaps none; MORE: a dot, which was
 * read, or nothing stood behind it. */
bool fetch_section_part(struct cursor *c, struct fetch_item *item, bool *more);
/* ["<" number "." nz-number ">"] */
bool fetch_partial(struct cursor *c, struct fetch_item *item);
/* "NAME[1.2.HEADER]<0>", NAME being "BODY[" */
void fetch_put_section_name(struct fetch_work *w, char const *name,
    struct fetch_item const *item);

static inline bool
section_is_fields(struct fetch_item const *item)
{
	return item->what == SECTION_FIELDS || item->what == SECTION_FIELDS_NOT;
}

/* Where a section lies, from *FROM to END in the file, in which part; false:
 * there is none. Of some fields only the part is said. Pure. */
bool section_place(struct mime const *m, struct fetch_item const *item,
    struct mime_part const **part, struct mime_pos *from, uint64_t *end);

/* Appends the fields asked for, in the order of HEADER. Pure; false: no
 * memory. */
bool section_fields(struct fetch_item const *item, char const *header,
    size_t len, stralloc *out);

/* --- functions of rows ------------------------------------------------------
 */

bool parse_binary(struct cursor *c, struct fetch_item *item);
bool parse_binary_size(struct cursor *c, struct fetch_item *item);
bool parse_preview(struct cursor *c, struct fetch_item *item);
bool parse_section(struct cursor *c, struct fetch_item *item);
int find_binary(struct fetch_work *w, struct fetch_item *item);
int find_binary_size(struct fetch_work *w, struct fetch_item *item);
int find_body(struct fetch_work *w, struct fetch_item *item);
int find_bodystructure(struct fetch_work *w, struct fetch_item *item);
int find_envelope(struct fetch_work *w, struct fetch_item *item);
int find_internaldate(struct fetch_work *w, struct fetch_item *item);
int find_preview(struct fetch_work *w, struct fetch_item *item);
int find_savedate(struct fetch_work *w, struct fetch_item *item);
int find_section(struct fetch_work *w, struct fetch_item *item);
int find_size(struct fetch_work *w, struct fetch_item *item);
void put_binary(struct fetch_work *w, struct fetch_item const *item);
void put_binary_size(struct fetch_work *w, struct fetch_item const *item);
void put_item_emailid(struct fetch_work *w, struct fetch_item const *item);
void put_item_flags(struct fetch_work *w, struct fetch_item const *item);
void put_item_modseq(struct fetch_work *w, struct fetch_item const *item);
void put_item_threadid(struct fetch_work *w, struct fetch_item const *item);
void put_item_uid(struct fetch_work *w, struct fetch_item const *item);
void put_section(struct fetch_work *w, struct fetch_item const *item);

#endif
