/* SPDX-License-Identifier: ISC */
#include "header.h"

#include <string.h>
#include "parse.h"

/* --- fields --------------------------------------------------------------- */

static size_t
line_length(char const *s, size_t len)
{
	char const *lf = memchr(s, '\n', len);
	return lf ? (size_t)(lf - s) + 1 : len;
}

static bool
is_blank_line(char const *s, size_t n)
{
	return s[0] == '\n' || (n >= 2 && s[0] == '\r' && s[1] == '\n');
}

static bool
is_continuation(char c)
{
	return c == ' ' || c == '\t';
}

/* Octets of the name before the colon of a line; 0: it is no field. */
static size_t
field_name(char const *s, size_t n, size_t *colon)
{
	size_t i = 0;
	while (i < n && (unsigned char)s[i] > 0x20 && s[i] != ':' &&
	    (unsigned char)s[i] != 0x7f)
		i++;
	size_t len = i;
	while (i < n && is_continuation(s[i]))
		i++;
	if (i == n || s[i] != ':')
		return 0;
	*colon = i;
	return len;
}

static size_t
with_continuations(char const *s, size_t len)
{
	size_t n = line_length(s, len);
	while (n < len && is_continuation(s[n]))
		n += line_length(s + n, len - n);
	return n;
}

bool
header_next(char const *s, size_t len, size_t *pos, struct header_field *f)
{
	while (*pos < len) {
		char const *line = s + *pos;
		size_t colon;
		size_t first = line_length(line, len - *pos);
		if (is_blank_line(line, first))
			return false;
		size_t name = field_name(line, first, &colon);
		size_t n = with_continuations(line, len - *pos);
		*pos += n;
		if (!name)
			continue;
		*f = (struct header_field){ line, n, line, name,
			line + colon + 1, n - colon - 1 };
		return true;
	}
	return false;
}

bool
header_is(struct header_field const *f, char const *name)
{
	return imap_equal(f->name, f->name_len, name);
}

int
header_unfold(char const *s, size_t len, stralloc *out)
{
	size_t start = 0;
	while (start < len && strchr(" \t\r\n", s[start]) && s[start])
		start++;
	while (len > start && s[len - 1] && strchr(" \t\r\n", s[len - 1]))
		len--;
	if (!stralloc_readyplus(out, len - start))
		return 0;
	for (size_t i = start; i < len; i++)
		if (s[i] != '\n' &&
		    !(s[i] == '\r' && i + 1 < len && s[i + 1] == '\n'))
			out->s[out->len++] = s[i] == '\r' ? ' ' : s[i];
	return 1;
}

/* --- structured values ---------------------------------------------------- */

size_t
header_skip_cfws(char const *s, size_t len, size_t pos)
{
	size_t depth = 0;
	for (; pos < len; pos++) {
		char c = s[pos];
		if (depth && c == '\\' && pos + 1 < len)
			pos++;
		else if (c == '(')
			depth++;
		else if (depth && c == ')')
			depth--;
		else if (!depth && c != ' ' && c != '\t' && c != '\r' &&
		    c != '\n')
			break;
	}
	return pos;
}

static bool
is_token(unsigned char c)
{
	return c > 0x20 && c != 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

static bool
token(struct structured *v, char const *s, size_t len, size_t *pos,
    struct span *out)
{
	size_t start = *pos;
	while (*pos < len && is_token((unsigned char)s[*pos]))
		++*pos;
	out->at = v->pool.len;
	out->len = *pos - start;
	return out->len && stralloc_catb(&v->pool, s + start, out->len);
}

static bool
quoted(struct structured *v, char const *s, size_t len, size_t *pos,
    struct span *out)
{
	out->at = v->pool.len;
	for (++*pos; *pos < len && s[*pos] != '"'; ++*pos) {
		char c = s[*pos];
		if (c == '\\' && *pos + 1 < len)
			c = s[++*pos];
		if (c != '\r' && c != '\n' && !stralloc_append(&v->pool, c))
			return false;
	}
	*pos += *pos < len;
	out->len = v->pool.len - out->at;
	return true;
}

/* What mailers write in place of a token, up to the next ';'. */
static bool
loose_value(struct structured *v, char const *s, size_t len, size_t *pos,
    struct span *out)
{
	size_t start = *pos;
	while (
	    *pos < len && s[*pos] != ';' && s[*pos] != '\r' && s[*pos] != '\n')
		++*pos;
	size_t end = *pos;
	while (end > start && is_continuation(s[end - 1]))
		end--;
	out->at = v->pool.len;
	out->len = end - start;
	return out->len && stralloc_catb(&v->pool, s + start, out->len);
}

static bool
value(struct structured *v, char const *s, size_t len, size_t *pos,
    struct span *out)
{
	if (*pos < len && s[*pos] == '"')
		return quoted(v, s, len, pos, out);
	size_t start = *pos;
	size_t pool = v->pool.len;
	bool ok = token(v, s, len, pos, out);
	size_t next = header_skip_cfws(s, len, *pos);
	if (ok && (next == len || s[next] == ';'))
		return true;
	v->pool.len = pool;
	*pos = start;
	return loose_value(v, s, len, pos, out);
}

static bool
param_is(struct structured const *v, struct param const *p, char const *name)
{
	return imap_equal(v->pool.s + p->name.at, p->name.len, name);
}

struct param const *
structured_param(struct structured const *v, char const *name)
{
	for (size_t i = 0; i < v->count; i++)
		if (param_is(v, &v->params[i], name))
			return &v->params[i];
	return NULL;
}

/* RFC 2231 section 3: "name*2" or "name*2*". The length of "name" and the number,
 * false when it is no such piece. */
static bool
piece(char const *s, size_t len, size_t *base, unsigned *number, bool *encoded)
{
	*encoded = len && s[len - 1] == '*';
	size_t end = len - *encoded;
	size_t i = end;
	while (i > 0 && s[i - 1] >= '0' && s[i - 1] <= '9')
		i--;
	if (i == end || end - i > 3 || !i || s[i - 1] != '*' || i == 1)
		return false;
	*number = 0;
	for (size_t k = i; k < end; k++)
		*number = *number * 10 + (unsigned)(s[k] - '0');
	*base = i - 1;
	return true;
}

/* Joins a piece to the parameter before it when it is that one's next. */
static bool
join(struct structured *v, struct param const *p, unsigned *expected)
{
	size_t base;
	unsigned number;
	bool encoded;
	char const *name = v->pool.s + p->name.at;
	if (!piece(name, p->name.len, &base, &number, &encoded) || !number ||
	    number != *expected || !v->count)
		return false;
	struct param *before = &v->params[v->count - 1];
	size_t n = before->name.len;
	n -= n && v->pool.s[before->name.at + n - 1] == '*';
	if (n != base || !imap_equal_n(name, v->pool.s + before->name.at, base))
		return false;
	/* Both values lie at the end of the pool or are copied there. */
	struct span joined = { v->pool.len, before->value.len + p->value.len };
	if (!stralloc_readyplus(&v->pool, joined.len))
		return false;
	memcpy(v->pool.s + joined.at, v->pool.s + before->value.at,
	    before->value.len);
	memcpy(v->pool.s + joined.at + before->value.len,
	    v->pool.s + p->value.at, p->value.len);
	v->pool.len += joined.len;
	before->value = joined;
	++*expected;
	return true;
}

/* The first piece takes the name the joined value will have. */
static void
add_param(struct structured *v, struct param *p, unsigned *expected)
{
	size_t base;
	unsigned number;
	bool encoded;
	if (join(v, p, expected))
		return;
	*expected = 0;
	char *name = v->pool.s + p->name.at;
	if (piece(name, p->name.len, &base, &number, &encoded) && !number) {
		if (encoded)
			name[base++] = '*';
		p->name.len = base;
		*expected = 1;
	}
	v->params[v->count++] = *p;
}

static void
params(struct structured *v, char const *s, size_t len, size_t pos)
{
	unsigned expected = 0;
	while (v->count < HEADER_PARAMS_MAX) {
		struct param p;
		while (pos < len && s[pos] != ';')
			pos++;
		if (pos >= len)
			return;
		pos = header_skip_cfws(s, len, pos + 1);
		if (!token(v, s, len, &pos, &p.name))
			continue;
		pos = header_skip_cfws(s, len, pos);
		if (pos == len || s[pos] != '=')
			continue;
		pos = header_skip_cfws(s, len, pos + 1);
		if (value(v, s, len, &pos, &p.value))
			add_param(v, &p, &expected);
	}
}

bool
structured_parse(struct structured *v, char const *s, size_t len)
{
	if (len > HEADER_VALUE_MAX)
		len = HEADER_VALUE_MAX;
	size_t pos = header_skip_cfws(s, len, 0);
	v->pool.len = 0;
	v->count = 0;
	v->first = v->second = (struct span){ 0, 0 };
	if (!token(v, s, len, &pos, &v->first))
		return false;
	pos = header_skip_cfws(s, len, pos);
	if (pos < len && s[pos] == '/') {
		pos = header_skip_cfws(s, len, pos + 1);
		if (!token(v, s, len, &pos, &v->second))
			v->second = (struct span){ 0, 0 };
	}
	params(v, s, len, pos);
	return true;
}

void
structured_free(struct structured *v)
{
	stralloc_free(&v->pool);
}
