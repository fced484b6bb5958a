/* SPDX-License-Identifier: ISC */
/* What a FETCH asks for. Pure. */
#ifndef IMAP_FETCH_H
#define IMAP_FETCH_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "parse.h"

enum { FETCH_ITEMS_MAX = 64, SECTION_DEPTH_MAX = 100 };

enum fetch_kind {
	FETCH_UID,
	FETCH_FLAGS,
	FETCH_INTERNALDATE,
	FETCH_SIZE,
	FETCH_ENVELOPE,
	FETCH_BODY,
	FETCH_BODYSTRUCTURE,
	FETCH_SECTION
};

enum section_what {
	SECTION_ALL, /* of the message or part */
	SECTION_HEADER,
	SECTION_FIELDS,
	SECTION_FIELDS_NOT,
	SECTION_TEXT,
	SECTION_MIME
};

struct fetch_item {
	enum fetch_kind kind;
	char const *name; /* as it is answered; NULL: BODY[section] */
	/* of a section */
	enum section_what what;
	uint32_t numbers[SECTION_DEPTH_MAX];
	unsigned depth;
	stralloc fields; /* each ended by a NUL */
	bool peek;
	bool partial;
	uint32_t offset, count;
};

struct fetch {
	struct fetch_item items[FETCH_ITEMS_MAX];
	unsigned count;
};

/* fetch-att, a macro, or a list of fetch-atts; to the end of the command. */
bool fetch_parse(struct cursor *c, struct fetch *f);
void fetch_free(struct fetch *f);

#endif
