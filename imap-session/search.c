/* SPDX-License-Identifier: ISC */
#include "search.h"

#include <stdlib.h>
#include <string.h>
#include "array.h"
#include "dates.h"
#include "flags.h"
#include "text.h"

enum argument {
	NO_ARGUMENT,
	ARGUMENT_NUMBER,
	ARGUMENT_SECONDS,
	ARGUMENT_MODSEQ,
	ARGUMENT_DATE,
	ARGUMENT_STRING,
	ARGUMENT_FIELD, /* a header field, then a string */
	ARGUMENT_KEYWORD,
	ARGUMENT_OBJECT_ID,
	ARGUMENT_UIDS
};

struct key {
	char const *name;
	enum search_kind kind;
	enum argument argument;
	bool negative;
	uint32_t bit;
	char const *field;
};

static struct key const keys[] = {
	{ "ALL", SEARCH_ALL, NO_ARGUMENT, false, 0, NULL },
	{ "ANSWERED", SEARCH_FLAG, NO_ARGUMENT, false, FLAG_ANSWERED, NULL },
	{ "BCC", SEARCH_HEADER, ARGUMENT_STRING, false, 0, "Bcc" },
	{ "BEFORE", SEARCH_BEFORE, ARGUMENT_DATE, false, 0, NULL },
	{ "BODY", SEARCH_BODY, ARGUMENT_STRING, false, 0, NULL },
	{ "CC", SEARCH_HEADER, ARGUMENT_STRING, false, 0, "Cc" },
	{ "DELETED", SEARCH_FLAG, NO_ARGUMENT, false, FLAG_DELETED, NULL },
	{ "DRAFT", SEARCH_FLAG, NO_ARGUMENT, false, FLAG_DRAFT, NULL },
	{ "EMAILID", SEARCH_EMAILID, ARGUMENT_OBJECT_ID, false, 0, NULL },
	{ "FLAGGED", SEARCH_FLAG, NO_ARGUMENT, false, FLAG_FLAGGED, NULL },
	{ "FROM", SEARCH_HEADER, ARGUMENT_STRING, false, 0, "From" },
	{ "HEADER", SEARCH_HEADER, ARGUMENT_FIELD, false, 0, NULL },
	{ "KEYWORD", SEARCH_KEYWORD, ARGUMENT_KEYWORD, false, 0, NULL },
	{ "LARGER", SEARCH_LARGER, ARGUMENT_NUMBER, false, 0, NULL },
	{ "MODSEQ", SEARCH_MODSEQ, ARGUMENT_MODSEQ, false, 0, NULL },
	{ "NEW", SEARCH_NEW, NO_ARGUMENT, false, 0, NULL },
	{ "OLD", SEARCH_RECENT, NO_ARGUMENT, true, 0, NULL },
	{ "OLDER", SEARCH_OLDER, ARGUMENT_SECONDS, false, 0, NULL },
	{ "ON", SEARCH_ON, ARGUMENT_DATE, false, 0, NULL },
	{ "RECENT", SEARCH_RECENT, NO_ARGUMENT, false, 0, NULL },
	{ "SAVEDATESUPPORTED", SEARCH_ALL, NO_ARGUMENT, false, 0, NULL },
	{ "SAVEDBEFORE", SEARCH_SAVEDBEFORE, ARGUMENT_DATE, false, 0, NULL },
	{ "SAVEDON", SEARCH_SAVEDON, ARGUMENT_DATE, false, 0, NULL },
	{ "SAVEDSINCE", SEARCH_SAVEDSINCE, ARGUMENT_DATE, false, 0, NULL },
	{ "SEEN", SEARCH_FLAG, NO_ARGUMENT, false, FLAG_SEEN, NULL },
	{ "SENTBEFORE", SEARCH_SENTBEFORE, ARGUMENT_DATE, false, 0, NULL },
	{ "SENTON", SEARCH_SENTON, ARGUMENT_DATE, false, 0, NULL },
	{ "SENTSINCE", SEARCH_SENTSINCE, ARGUMENT_DATE, false, 0, NULL },
	{ "SINCE", SEARCH_SINCE, ARGUMENT_DATE, false, 0, NULL },
	{ "SMALLER", SEARCH_SMALLER, ARGUMENT_NUMBER, false, 0, NULL },
	{ "SUBJECT", SEARCH_HEADER, ARGUMENT_STRING, false, 0, "Subject" },
	{ "TEXT", SEARCH_TEXT, ARGUMENT_STRING, false, 0, NULL },
	{ "THREADID", SEARCH_THREADID, ARGUMENT_OBJECT_ID, false, 0, NULL },
	{ "TO", SEARCH_HEADER, ARGUMENT_STRING, false, 0, "To" },
	{ "UID", SEARCH_UIDS, ARGUMENT_UIDS, false, 0, NULL },
	{ "UNANSWERED", SEARCH_FLAG, NO_ARGUMENT, true, FLAG_ANSWERED, NULL },
	{ "UNDELETED", SEARCH_FLAG, NO_ARGUMENT, true, FLAG_DELETED, NULL },
	{ "UNDRAFT", SEARCH_FLAG, NO_ARGUMENT, true, FLAG_DRAFT, NULL },
	{ "UNFLAGGED", SEARCH_FLAG, NO_ARGUMENT, true, FLAG_FLAGGED, NULL },
	{ "UNKEYWORD", SEARCH_KEYWORD, ARGUMENT_KEYWORD, true, 0, NULL },
	{ "UNSEEN", SEARCH_FLAG, NO_ARGUMENT, true, FLAG_SEEN, NULL },
	{ "YOUNGER", SEARCH_YOUNGER, ARGUMENT_SECONDS, false, 0, NULL },
};

struct parser {
	struct search *s;
	struct cursor *c;
	stralloc charset;
};

/* -1 out of memory, or too many. */
static int
new_node(struct search *s, enum search_kind kind)
{
	void *p = array_grow(s->nodes, (size_t)s->count, sizeof *s->nodes,
	    SEARCH_NODES_MAX, &s->room);
	if (!p)
		return -1;
	s->nodes = p;
	struct search_node *n = &s->nodes[s->count];
	memset(n, 0, sizeof *n);
	n->kind = kind;
	n->child = n->next = -1;
	return s->count++;
}

/* What is looked for, in the form everything is made to have. */
static bool
needle(struct parser *p, int node)
{
	stralloc given = STRALLOC_ZERO;
	stralloc text = STRALLOC_ZERO;
	struct search_node *n = &p->s->nodes[node];
	bool ok = cursor_astring(p->c, &given) &&
	    text_to_utf8(p->charset.s ? p->charset.s : "", p->charset.len,
	        given.s ? given.s : "", given.len, &text) &&
	    text_casemap(text.s, text.len, &n->needle);
	stralloc_free(&given);
	stralloc_free(&text);
	return ok;
}

static bool
field(struct parser *p, int node, char const *name)
{
	stralloc *out = &p->s->nodes[node].field;
	if (name ? !stralloc_copys(out, name) : !cursor_astring(p->c, out))
		return false;
	return stralloc_0(out) && (name || cursor_space(p->c));
}

static bool
keyword(struct parser *p, int node)
{
	char const *at;
	size_t len;
	stralloc *out = &p->s->nodes[node].field;
	return cursor_atom(p->c, &at, &len) && stralloc_copyb(out, at, len);
}

/* objectid (RFC 8474), as an atom or in quotes */
static bool
object_id(struct parser *p, int node)
{
	return cursor_astring(p->c, &p->s->nodes[node].field);
}

static bool
octets(struct parser *p, uint64_t *out)
{
	uint32_t n;
	bool ok = cursor_size(p->c, &n);
	*out = n;
	return ok;
}

static bool
seconds(struct parser *p, uint64_t *out)
{
	uint32_t n;
	bool ok = cursor_nz_number(p->c, &n);
	*out = n;
	return ok;
}

/* RFC 7162 section 3.1.5: [entry-name SP entry-type-req SP]
 * mod-sequence-valzer. The mod-sequence of one flag is the message's. */
static bool
modseq(struct parser *p, uint64_t *out)
{
	stralloc entry = STRALLOC_ZERO;
	bool ok = true;
	p->s->has_modseq = true;
	if (cursor_is(p->c, '"'))
		ok = cursor_string(p->c, &entry) && cursor_space(p->c) &&
		    (cursor_word(p->c, "priv") || cursor_word(p->c, "shared") ||
		        cursor_word(p->c, "all")) &&
		    cursor_space(p->c);
	stralloc_free(&entry);
	return ok && cursor_modseq(p->c, out);
}

static bool
argument(struct parser *p, struct key const *key, int node)
{
	struct search_node *n = &p->s->nodes[node];
	n->number = key->bit;
	if (key->argument == NO_ARGUMENT)
		return true;
	if (!cursor_space(p->c))
		return false;
	switch (key->argument) {
	case ARGUMENT_NUMBER:
		return octets(p, &n->number);
	case ARGUMENT_SECONDS:
		return seconds(p, &n->number);
	case ARGUMENT_MODSEQ:
		return modseq(p, &n->number);
	case ARGUMENT_DATE:
		return cursor_date(p->c, &n->day);
	case ARGUMENT_STRING:
	case ARGUMENT_FIELD:
		if (key->kind == SEARCH_HEADER && !field(p, node, key->field))
			return false;
		return needle(p, node);
	case ARGUMENT_KEYWORD:
		return keyword(p, node);
	case ARGUMENT_OBJECT_ID:
		return object_id(p, node);
	case ARGUMENT_UIDS:
		return cursor_sequence(p->c, &n->set);
	case NO_ARGUMENT:
	default:
		return true;
	}
}

static int
negate(struct search *s, int node)
{
	int not = node < 0 ? -1 : new_node(s, SEARCH_NOT);
	if (not >= 0)
		s->nodes[not ].child = node;
	return not ;
}

static int
plain_key(struct parser *p)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (!cursor_word(p->c, keys[i].name))
			continue;
		int node = new_node(p->s, keys[i].kind);
		if (node < 0 || !argument(p, &keys[i], node))
			return -1;
		return keys[i].negative ? negate(p->s, node) : node;
	}
	return -1;
}

static int
numbers_key(struct parser *p)
{
	int node = new_node(p->s, SEARCH_NUMBERS);
	return node >= 0 && cursor_sequence(p->c, &p->s->nodes[node].set) ? node
	                                                                  : -1;
}

/* NOLINTBEGIN(misc-no-recursion): COMMAND_LIST_DEPTH bounds it */

static int key_of(struct parser *p, unsigned depth);

/* search-key *(SP search-key) as children of a new node. */
static int
key_list(struct parser *p, unsigned depth, unsigned most, enum search_kind kind)
{
	int list = new_node(p->s, kind);
	int last = -1;
	for (unsigned i = 0; list >= 0 && i < most; i++) {
		if (i && !cursor_space(p->c))
			break;
		int node = key_of(p, depth);
		if (node < 0)
			return -1;
		if (last < 0)
			p->s->nodes[list].child = node;
		else
			p->s->nodes[last].next = node;
		last = node;
	}
	return list;
}

/* Depth is bounded: NOT NOT NOT ... and ((( ... are the sender's choice. */
static int
key_of(struct parser *p, unsigned depth)
{
	if (depth >= COMMAND_LIST_DEPTH || p->c->pos == p->c->len)
		return -1;
	char first = p->c->s[p->c->pos];
	if (first == '(') {
		p->c->pos++;
		int list = key_list(p, depth + 1, UINT32_MAX, SEARCH_AND);
		return cursor_char(p->c, ')') ? list : -1;
	}
	if (first == '*' || first == '$' || (first >= '1' && first <= '9'))
		return numbers_key(p);
	if (cursor_word(p->c, "NOT"))
		return cursor_space(p->c) ? negate(p->s, key_of(p, depth + 1))
		                          : -1;
	if (cursor_word(p->c, "OR")) {
		int list = cursor_space(p->c)
		    ? key_list(p, depth + 1, 2, SEARCH_OR)
		    : -1;
		return list >= 0 &&
		        p->s->nodes[p->s->nodes[list].child].next >= 0
		    ? list
		    : -1;
	}
	return plain_key(p);
}

/* NOLINTEND(misc-no-recursion) */

static bool
charset(struct parser *p)
{
	if (!cursor_astring(p->c, &p->charset) || !cursor_space(p->c))
		return false;
	p->s->bad_charset =
	    !imap_equal(p->charset.s, p->charset.len, "UTF-8") &&
	    !imap_equal(p->charset.s, p->charset.len, "US-ASCII");
	return !p->s->bad_charset;
}

bool
search_parse(struct cursor *c, enum search_charset where, struct search *s)
{
	struct parser p = { s, c, STRALLOC_ZERO };
	memset(s, 0, sizeof *s);
	bool given = where == SEARCH_CHARSET_FIRST;
	bool ok = true;
	if (where == SEARCH_CHARSET_NAMED && cursor_word(c, "CHARSET")) {
		given = true;
		ok = cursor_space(c);
	}
	ok = ok && (!given || charset(&p)) &&
	    key_list(&p, 0, UINT32_MAX, SEARCH_AND) == 0 && cursor_end(c);
	stralloc_free(&p.charset);
	return ok;
}

void
search_free(struct search *s)
{
	for (int i = 0; i < s->count; i++) {
		stralloc_free(&s->nodes[i].set.ranges);
		stralloc_free(&s->nodes[i].field);
		stralloc_free(&s->nodes[i].needle);
	}
	free(s->nodes);
}

bool
search_has_numbers(struct search const *s)
{
	for (int i = 0; i < s->count; i++)
		if (s->nodes[i].kind == SEARCH_NUMBERS &&
		    !s->nodes[i].set.saved)
			return true;
	return false;
}
