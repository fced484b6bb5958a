/* SPDX-License-Identifier: ISC */
#include "mime.h"

#include <stdlib.h>
#include <string.h>
#include "array.h"
#include "header.h"
#include "parse.h"

static void
fail(struct mime *m)
{
	m->failed = m->finished = true;
}

/* --- parts ---------------------------------------------------------------- */

static int
new_part(struct mime *m, int parent)
{
	/* Each open level may still get the child that it must have. */
	size_t const most = MIME_PARTS_MAX + 2 * MIME_DEPTH_MAX;
	void *parts = array_grow(m->parts, (size_t)m->count, sizeof *m->parts,
	    most, &m->room);
	if (!parts) {
		fail(m);
		return -1;
	}
	m->parts = parts;
	struct mime_part *p = &m->parts[m->count];
	*p = (struct mime_part){ .parent = parent, .child = -1, .next = -1 };
	p->header = p->body = p->end = m->here;
	return m->count++;
}

static struct mime_level *
top(struct mime *m)
{
	return &m->levels[m->depth - 1];
}

/* A new part below the innermost one that is open. Its header starts at AT. */
static void
open_part(struct mime *m, struct mime_pos const *at)
{
	int parent = m->depth ? top(m)->part : -1;
	int part = new_part(m, parent);
	if (part < 0)
		return;
	m->parts[part].header = *at;
	if (parent >= 0) {
		struct mime_level *l = top(m);
		m->parts[part].in_digest = l->digest;
		if (l->last_child < 0)
			m->parts[parent].child = part;
		else
			m->parts[l->last_child].next = part;
		l->last_child = part;
	}
	struct mime_level *l = &m->levels[m->depth++];
	l->part = part;
	l->last_child = -1;
	l->digest = l->closed = false;
	l->boundary_len = 0;
	m->in_header = true;
	m->typed = m->in_type = false;
	m->type.len = 0;
}

/* Clients do not expect a multipart without a part. */
static void
close_part(struct mime *m, struct mime_pos const *end)
{
	struct mime_level *l = top(m);
	struct mime_part *p = &m->parts[l->part];
	p->end = end->raw > p->body.raw ? *end : p->body;
	if (p->kind == MIME_MULTIPART && p->child < 0) {
		struct mime_pos at = p->end;
		int part = l->part;
		int child = new_part(m, part);
		if (child >= 0) {
			struct mime_part *c = &m->parts[child];
			c->header = c->body = c->end = at;
			c->in_digest = l->digest;
			m->parts[part].child = child;
		}
	}
	m->depth--;
}

/* --- the end of a header -------------------------------------------------- */

static bool
take_boundary(struct mime_level *l, struct structured const *v)
{
	struct param const *p = structured_param(v, "boundary");
	if (!p || !p->value.len || p->value.len > MIME_BOUNDARY_MAX)
		return false;
	/* Boundaries do not end in white space, RFC 2046 5.1.1. */
	size_t n = p->value.len;
	while (n && v->pool.s[p->value.at + n - 1] == ' ')
		n--;
	memcpy(l->boundary, v->pool.s + p->value.at, n);
	l->boundary_len = n;
	return n > 0;
}

/* What the Content-Type says the part is. A multipart without a boundary has
 * no parts that could be found. */
static enum mime_kind
kind_of(struct mime *m, struct structured *v)
{
	struct mime_level *l = top(m);
	char const *first;
	if (!m->type.len || !structured_parse(v, m->type.s, m->type.len))
		return m->parts[l->part].in_digest ? MIME_MESSAGE : MIME_LEAF;
	first = v->pool.s + v->first.at;
	char const *second = v->pool.s + v->second.at;
	if (imap_equal(first, v->first.len, "multipart") && v->second.len) {
		(void)take_boundary(l, v);
		l->digest = imap_equal(second, v->second.len, "digest");
		return MIME_MULTIPART;
	}
	if (imap_equal(first, v->first.len, "message") &&
	    (imap_equal(second, v->second.len, "rfc822") ||
	        imap_equal(second, v->second.len, "global")))
		return MIME_MESSAGE;
	return MIME_LEAF;
}

static void
end_header(struct mime *m, struct mime_pos const *body)
{
	struct structured *v = calloc(1, sizeof *v);
	if (!v) {
		fail(m);
		return;
	}
	int part = top(m)->part;
	m->in_header = false;
	m->parts[part].body = *body;
	enum mime_kind kind = kind_of(m, v);
	structured_free(v);
	free(v);
	if (m->header_only) {
		m->finished = true;
		return;
	}
	bool deep = m->depth >= MIME_DEPTH_MAX || m->count >= MIME_PARTS_MAX;
	if (kind != MIME_LEAF && deep) {
		kind = MIME_OPAQUE;
		top(m)->boundary_len = 0;
	}
	m->parts[part].kind = kind;
	if (kind == MIME_MESSAGE)
		open_part(m, body);
}

/* --- lines ---------------------------------------------------------------- */

/* RFC 2046: "--" boundary ["--"] transport-padding; with more behind it unless
 * EXACT. 0 none; 1 a part begins; 2 the last one ended. */
static int
is_boundary(struct mime const *m, struct mime_level const *l, bool exact)
{
	size_t n = l->boundary_len;
	char const *s = m->line;
	if (!n || l->closed || m->line_len < n + 2 ||
	    memcmp(s + 2, l->boundary, n) != 0)
		return 0;
	size_t i = n + 2;
	int found = 1;
	if (m->line_len >= i + 2 && s[i] == '-' && s[i + 1] == '-') {
		i += 2;
		found = 2;
	}
	if (!exact)
		return found;
	while (i < m->line_len && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r'))
		i++;
	return i == m->line_len && !m->too_long ? found : 0;
}

/* The LEVEL whose boundary the line at hand is, the innermost one first. "An
 * exact match of the entire candidate line is not required", RFC 2046 5.1.1;
 * but boundaries of nested parts may begin alike, so one that is exact goes
 * before, and then the longest. */
static int
find_boundary(struct mime const *m, int *level)
{
	int best = 0;
	for (int i = m->depth; i-- > 0;) {
		*level = i;
		int found = is_boundary(m, &m->levels[i], true);
		if (found)
			return found;
	}
	for (int i = m->depth; i-- > 0;) {
		int found = is_boundary(m, &m->levels[i], false);
		if (!found ||
		    (best &&
		        m->levels[i].boundary_len <=
		            m->levels[*level].boundary_len))
			continue;
		best = found;
		*level = i;
	}
	return best;
}

static bool
boundary_line(struct mime *m)
{
	int level;
	if (m->line_len < 3 || m->line[0] != '-' || m->line[1] != '-')
		return false;
	int found = find_boundary(m, &level);
	if (!found || (found == 1 && m->count >= MIME_PARTS_MAX))
		return false;
	/* Closing goes on while new messages open below. */
	while (m->in_header && !m->failed)
		end_header(m, &m->line_start);
	while (m->depth > level + 1)
		close_part(m, &m->content_end);
	if (found == 2)
		m->levels[level].closed = true;
	else
		open_part(m, &m->here);
	return true;
}

static void
header_line(struct mime *m)
{
	bool blank =
	    m->line_len == 0 || (m->line_len == 1 && m->line[0] == '\r');
	if (blank && !m->too_long) {
		end_header(m, &m->here);
		return;
	}
	bool continues = m->line[0] == ' ' || m->line[0] == '\t';
	char const *value = m->line;
	size_t len = m->line_len;
	if (!continues) {
		size_t n = strlen("Content-Type:");
		m->in_type = !m->typed && m->line_len >= n &&
		    imap_equal(m->line, n, "Content-Type:");
		m->typed = m->typed || m->in_type;
		value += n;
		len -= n;
	}
	if (m->in_type && m->type.len + len < MIME_TYPE_MAX &&
	    !stralloc_catb(&m->type, value, len))
		fail(m);
}

/* A line is in m->line as far as it is kept; m->here is behind it. */
static void
end_line(struct mime *m, struct mime_pos const *content_end)
{
	if (!boundary_line(m) && m->in_header && !m->failed)
		header_line(m);
	m->content_end = *content_end;
	m->line_start = m->here;
	m->line_len = 0;
	m->too_long = false;
}

static void
keep(struct mime *m, char const *s, size_t len)
{
	size_t room = MIME_LINE_KEPT - m->line_len;
	if (len > room) {
		len = room;
		m->too_long = true;
	}
	memcpy(m->line + m->line_len, s, len);
	m->line_len += len;
}

/* --- feeding -------------------------------------------------------------- */

void
mime_start(struct mime *m, bool header_only)
{
	struct mime_pos zero = { 0, 0, 0 };
	m->count = 0;
	m->depth = 0;
	m->header_only = header_only;
	m->raw_only = false;
	m->finished = m->failed = m->cr = m->too_long = false;
	m->here = m->line_start = m->content_end = zero;
	m->line_len = 0;
	if (!m->levels)
		m->levels = malloc((MIME_DEPTH_MAX + 1) * sizeof *m->levels);
	if (m->levels)
		open_part(m, &zero);
	else
		fail(m);
}

static void
take_text(struct mime *m, char const *s, size_t len)
{
	if (!len)
		return;
	keep(m, s, len);
	m->here.raw += len;
	m->here.wire += len;
	m->cr = s[len - 1] == '\r';
}

static void
take_lf(struct mime *m)
{
	struct mime_pos content_end = m->here;
	if (m->cr) {
		content_end.raw--;
		content_end.wire--;
	}
	m->here.raw++;
	m->here.wire += m->cr ? 1 : 2;
	m->here.lines++;
	m->cr = false;
	end_line(m, &content_end);
}

/* A line of a body, whole, that is no boundary: it is only counted. */
static void
pass_line(struct mime *m, char const *s, size_t len)
{
	bool cr = len && s[len - 1] == '\r';
	m->content_end = m->here;
	m->content_end.raw += len - cr;
	m->content_end.wire += len - cr;
	m->here.raw += len + 1;
	m->here.wire += len + 2 - cr;
	m->here.lines++;
	m->line_start = m->here;
}

static bool
is_passed(struct mime const *m, char const *s, size_t len)
{
	return !m->in_header && !m->line_len && (len < 2 || *s != '-');
}

static bool
has_boundary(struct mime const *m)
{
	for (int i = 0; i < m->depth; i++)
		if (m->levels[i].boundary_len && !m->levels[i].closed)
			return true;
	return false;
}

/* Octets of S, the start of a line, up to the line end before the next line that
 * begins with "--", or else the last line end. */
static size_t
plain_lines(char const *s, size_t len)
{
	char const *end = s + len;
	char const *at = s;
	if (len < 2 || memcmp(s, "--", 2) == 0)
		return 0;
	while ((at = memchr(at + 1, '-', (size_t)(end - at - 1))) != NULL) {
		if (at[-1] == '\n' && (at + 1 == end || at[1] == '-'))
			return (size_t)(at - 1 - s);
		char const *lf = memchr(at, '\n', (size_t)(end - at));
		if (!lf)
			break;
		at = lf;
	}
	char const *last = memrchr(s, '\n', len);
	return last ? (size_t)(last - s) : 0;
}

/* Goes over the lines of a body that cannot be boundaries, without their last
 * line end. */
static size_t
skip_body(struct mime *m, char const *s, size_t len)
{
	size_t n = has_boundary(m) ? plain_lines(s, len) : len;
	m->here.raw += n;
	m->here.wire += n;
	if (n)
		m->cr = s[n - 1] == '\r';
	return n;
}

bool
mime_feed(struct mime *m, char const *s, size_t len)
{
	while (len && !m->finished) {
		bool skips = m->raw_only && !m->in_header && !m->line_len;
		size_t over = skips ? skip_body(m, s, len) : 0;
		if (over) {
			if (over == len)
				break;
			take_lf(m);
			s += over + 1;
			len -= over + 1;
			continue;
		}
		char const *lf = memchr(s, '\n', len);
		size_t n = lf ? (size_t)(lf - s) : len;
		if (lf && is_passed(m, s, n)) {
			pass_line(m, s, n);
		} else {
			take_text(m, s, n);
			if (!lf)
				break;
			take_lf(m);
		}
		s += n + 1;
		len -= n + 1;
	}
	return !m->finished;
}

int
mime_finish(struct mime *m)
{
	if (m->failed)
		return 0;
	/* A last line without its end may still be a boundary. */
	if (!m->finished && m->line_len && boundary_line(m))
		m->line_len = 0;
	/* A message whose header never ended has no body, and what opens at
	 * its end has neither. */
	while (m->in_header && !m->finished && !m->failed)
		end_header(m, &m->here);
	while (m->depth > 0 && !m->failed)
		close_part(m, &m->here);
	m->finished = true;
	return !m->failed;
}

void
mime_free(struct mime *m)
{
	free(m->parts);
	free(m->levels);
	stralloc_free(&m->type);
	memset(m, 0, sizeof *m);
}
