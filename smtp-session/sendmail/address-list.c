/* SPDX-License-Identifier: ISC */
#include "address-list.h"

#include <stdbool.h>
#include <string.h>

#include "message.h"

struct reader {
	char const *s;
	size_t len;
	size_t pos;
};

/* One member of the list on its way. */
struct member {
	stralloc *out;
	size_t start; /* where its address begins in OUT */
	bool after;   /* the last thing was a word: another may not follow */
	bool spaced;  /* more than one word without dot or at: a name only */
	bool has_at;
	bool in_angle;
	bool angle; /* <...> was there: it is the address */
};

enum { OK = 1, WRONG = 0, NO_MEMORY = -1 };

static int
peek(struct reader const *r)
{
	return r->pos < r->len ? (unsigned char)r->s[r->pos] : -1;
}

static int
put(struct member *m, char const *s, size_t len)
{
	return stralloc_catb(m->out, s, len) ? OK : NO_MEMORY;
}

static void
begin(struct member *m)
{
	m->start = m->out->len;
	m->after = m->spaced = m->has_at = m->in_angle = m->angle = false;
}

/* At a comma, a semicolon or the end. */
static int
finish(struct member *m)
{
	int r = OK;
	if (m->in_angle)
		return WRONG;
	if (m->out->len > m->start)
		r = m->spaced || !m->after ? WRONG : put(m, "\n", 1);
	else if (m->angle)
		return WRONG; /* <> is nobody */
	begin(m);
	return r;
}

/* Words next to each other are a name; in an address a dot or an at stands
 * between them. */
static int
start_word(struct member *m)
{
	if (m->after && m->in_angle)
		return WRONG;
	m->spaced |= m->after;
	m->after = true;
	return m->angle && !m->in_angle ? WRONG : OK;
}

/* Up to the closing quote or bracket, with it; folds are left out. */
static int
quoted(struct reader *r, struct member *m, int close)
{
	int ok = start_word(m);
	if (ok == OK)
		ok = put(m, r->s + r->pos++, 1);
	while (ok == OK) {
		int c = peek(r);
		if (c == '\\' && r->pos + 1 < r->len) {
			ok = put(m, r->s + r->pos++, 1);
			c = peek(r);
		} else if (c == close) {
			break;
		}
		if (c <= 0)
			return WRONG;
		if (ok == OK && c != '\r' && c != '\n')
			ok = put(m, r->s + r->pos, 1);
		r->pos++;
	}
	if (ok == OK)
		ok = put(m, r->s + r->pos++, 1);
	return ok;
}

static bool
is_atom(int c)
{
	return c > 0x20 && c != 0x7f && !strchr("()<>[]:;@\\,.\"", c);
}

static int
atom(struct reader *r, struct member *m)
{
	size_t start = r->pos;
	while (is_atom(peek(r)))
		r->pos++;
	if (r->pos == start)
		return WRONG;
	int ok = start_word(m);
	return ok == OK ? put(m, r->s + start, r->pos - start) : ok;
}

static int
dot_or_at(struct reader *r, struct member *m)
{
	bool at = r->s[r->pos] == '@';
	bool route = at && m->in_angle && m->out->len == m->start;
	if (m->angle && !m->in_angle)
		return WRONG;
	if (at && !route && (!m->after || m->spaced))
		return WRONG;
	m->has_at |= at;
	m->after = false;
	return put(m, r->s + r->pos++, 1);
}

static int
open_angle(struct reader *r, struct member *m)
{
	if (m->angle || m->has_at)
		return WRONG;
	m->out->len = m->start; /* that was the name */
	m->angle = m->in_angle = true;
	m->after = m->spaced = false;
	r->pos++;
	return OK;
}

static int
close_angle(struct reader *r, struct member *m)
{
	if (!m->in_angle)
		return WRONG;
	m->in_angle = false;
	r->pos++;
	return OK;
}

/* The name of a group ends, or a route: <@a,@b:c@d>. */
static int
colon(struct reader *r, struct member *m, bool *group)
{
	bool route =
	    m->in_angle && m->out->len > m->start && m->out->s[m->start] == '@';
	if (!route && (m->angle || m->has_at || *group))
		return WRONG;
	if (!route)
		*group = true;
	m->out->len = m->start;
	m->after = m->spaced = m->has_at = false;
	r->pos++;
	return OK;
}

static int
comma(struct reader *r, struct member *m)
{
	bool route =
	    m->in_angle && m->out->len > m->start && m->out->s[m->start] == '@';
	r->pos++;
	if (!route)
		return finish(m);
	m->out->len = m->start; /* the rest of a route is one, too */
	m->after = m->has_at = false;
	return OK;
}

static int
semicolon(struct reader *r, struct member *m, bool *group)
{
	if (!*group)
		return WRONG;
	*group = false;
	r->pos++;
	return finish(m);
}

static int
step(struct reader *r, struct member *m, bool *group)
{
	int c = peek(r);
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		r->pos++;
		return OK;
	case '(':
		return message_skip_comment(r->s, r->len, &r->pos) ? OK : WRONG;
	case '"':
		return quoted(r, m, '"');
	case '[':
		return quoted(r, m, ']');
	case '.':
	case '@':
		return dot_or_at(r, m);
	case '<':
		return open_angle(r, m);
	case '>':
		return close_angle(r, m);
	case ',':
		return comma(r, m);
	case ':':
		return colon(r, m, group);
	case ';':
		return semicolon(r, m, group);
	default:
		return atom(r, m);
	}
}

int
address_list(char const *s, size_t len, stralloc *out)
{
	struct reader r = { s, len, 0 };
	struct member m = { .out = out };
	bool group = false;
	size_t before = out->len;
	int ok = OK;
	begin(&m);
	while (ok == OK && r.pos < r.len)
		ok = step(&r, &m, &group);
	if (ok == OK)
		ok = group ? WRONG : finish(&m);
	if (ok != OK)
		out->len = before;
	return ok;
}
