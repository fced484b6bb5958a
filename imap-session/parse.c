/* SPDX-License-Identifier: ISC */
#include "parse.h"

#include <string.h>

enum brace { BRACE_NONE, BRACE_OPEN, BRACE_DIGIT, BRACE_PLUS, BRACE_CLOSED };

static uint64_t const LITERAL_HUGE = UINT64_C(1) << 60;

void
command_reset(struct command *c, size_t limit)
{
	c->text.len = 0;
	c->limit = limit;
	c->literal = 0;
	c->sync = c->skipping = c->taking = false;
	c->quoted = c->escaped = false;
	c->brace = BRACE_NONE;
}

/* Follows "{" 1*DIGIT ["+"] "}" as it goes by, so that it is known at the line
 * end even for a line that is no longer kept. */
static void
watch_brace(struct command *c, unsigned char b)
{
	switch (c->brace) {
	case BRACE_OPEN:
	case BRACE_DIGIT:
		if (b >= '0' && b <= '9') {
			if (c->literal < LITERAL_HUGE)
				c->literal = c->literal * 10 + (b - '0');
			c->brace = BRACE_DIGIT;
			return;
		}
		if (c->brace == BRACE_DIGIT && (b == '+' || b == '}')) {
			c->sync = b == '}';
			c->brace = b == '+' ? BRACE_PLUS : BRACE_CLOSED;
			return;
		}
		break;
	case BRACE_PLUS:
		if (b == '}') {
			c->brace = BRACE_CLOSED;
			return;
		}
		break;
	case BRACE_CLOSED:
		if (b == '\r')
			return;
		break;
	default:
		break;
	}
	c->brace = b == '{' ? BRACE_OPEN : BRACE_NONE;
	c->literal = 0;
}

static void
watch(struct command *c, unsigned char b)
{
	if (c->quoted) {
		c->quoted = c->escaped || b != '"';
		c->escaped = !c->escaped && b == '\\';
		return;
	}
	c->quoted = b == '"';
	watch_brace(c, b);
}

/* What goes over the limit is not kept; the start, with the tag, is. */
static void
keep(struct command *c, char const *s, size_t n)
{
	size_t room = c->limit - c->text.len;
	if (c->skipping)
		return;
	c->skipping = n > room;
	if (!stralloc_catb(&c->text, s, n < room ? n : room))
		c->skipping = true;
}

bool
command_at_literal(struct command const *c)
{
	return c->brace == BRACE_CLOSED && !c->quoted;
}

static enum command_status
line_end(struct command *c)
{
	if (command_at_literal(c))
		return COMMAND_LITERAL;
	while (
	    c->text.len && !c->skipping && c->text.s[c->text.len - 1] == '\r')
		c->text.len--;
	return c->skipping ? COMMAND_TOO_LONG : COMMAND_DONE;
}

static size_t
feed_literal(struct command *c, char const *s, size_t len)
{
	size_t n = len < c->literal ? len : (size_t)c->literal;
	keep(c, s, n);
	c->literal -= n;
	if (!c->literal) {
		c->taking = false;
		c->brace = BRACE_NONE;
	}
	return n;
}

enum command_status
command_feed(struct command *c, char const *s, size_t len, size_t *used)
{
	size_t i = 0;
	while (i < len) {
		if (c->taking) {
			i += feed_literal(c, s + i, len - i);
			continue;
		}
		char const *lf = memchr(s + i, '\n', len - i);
		size_t n = lf ? (size_t)(lf - s) - i : len - i;
		for (size_t k = 0; k < n; k++)
			watch(c, (unsigned char)s[i + k]);
		keep(c, s + i, n);
		i += n;
		if (!lf)
			break;
		i++;
		enum command_status status = line_end(c);
		if (status == COMMAND_LITERAL && c->skipping && !c->sync) {
			command_skip(c);
			continue;
		}
		*used = i;
		/* The client waits for "+", which it will not get. */
		return status == COMMAND_LITERAL && c->skipping
		    ? COMMAND_TOO_LONG
		    : status;
	}
	*used = i;
	return COMMAND_MORE;
}

bool
command_take(struct command *c)
{
	while (c->text.len && c->text.s[c->text.len - 1] == '\r')
		c->text.len--;
	keep(c, "\r\n", 2);
	if (c->skipping || c->literal > c->limit - c->text.len)
		return false;
	c->taking = c->literal > 0;
	c->brace = BRACE_NONE;
	return true;
}

void
command_pass(struct command *c)
{
	while (c->text.len && c->text.s[c->text.len - 1] == '\r')
		c->text.len--;
	c->literal = 0;
	c->brace = BRACE_NONE;
}

void
command_skip(struct command *c)
{
	c->skipping = true;
	c->taking = c->literal > 0;
	c->brace = BRACE_NONE;
}

static bool
is_astring_char(unsigned char c)
{
	return imap_is_atom_char(c) || c == ']';
}

static bool
is_tag_char(unsigned char c)
{
	return is_astring_char(c) && c != '+';
}

/* list-char = ATOM-CHAR / list-wildcards / resp-specials */
static bool
is_list_char(unsigned char c)
{
	return is_astring_char(c) || c == '%' || c == '*';
}

static bool
is_name_char(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '=';
}

static bool
run_of(struct cursor *c, bool (*member)(unsigned char), char const **at,
    size_t *len)
{
	size_t start = c->pos;
	while (c->pos < c->len && member((unsigned char)c->s[c->pos]))
		c->pos++;
	*at = c->s + start;
	*len = c->pos - start;
	return *len > 0;
}

bool
cursor_is(struct cursor const *c, char wanted)
{
	return c->pos < c->len && c->s[c->pos] == wanted;
}

bool
cursor_char(struct cursor *c, char wanted)
{
	if (!cursor_is(c, wanted))
		return false;
	c->pos++;
	return true;
}

bool
cursor_space(struct cursor *c)
{
	return cursor_char(c, ' ');
}

bool
cursor_end(struct cursor const *c)
{
	return c->pos == c->len;
}

bool
cursor_word(struct cursor *c, char const *word)
{
	struct cursor probe = *c;
	char const *at;
	size_t len;
	if (!cursor_name(&probe, &at, &len) || !imap_equal(at, len, word))
		return false;
	*c = probe;
	return true;
}

bool
cursor_tag(struct cursor *c, char const **at, size_t *len)
{
	return run_of(c, is_tag_char, at, len) && *len <= COMMAND_TAG_MAX;
}

bool
cursor_atom(struct cursor *c, char const **at, size_t *len)
{
	return run_of(c, imap_is_atom_char, at, len);
}

bool
cursor_name(struct cursor *c, char const **at, size_t *len)
{
	return run_of(c, is_name_char, at, len);
}

/* A number of at most MAX. */
static bool
number_to(struct cursor *c, uint64_t max, uint64_t *n)
{
	uint64_t value = 0;
	size_t start = c->pos;
	while (c->pos < c->len && c->s[c->pos] >= '0' && c->s[c->pos] <= '9') {
		uint64_t digit = (uint64_t)(c->s[c->pos++] - '0');
		if (value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*n = value;
	return c->pos > start;
}

bool
cursor_number(struct cursor *c, uint32_t *n)
{
	uint64_t value;
	bool ok = number_to(c, UINT32_MAX, &value);
	*n = (uint32_t)value;
	return ok;
}

bool
cursor_size(struct cursor *c, uint32_t *n)
{
	uint64_t value;
	bool ok = number_to(c, INT64_MAX, &value);
	*n = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
	return ok;
}

bool
cursor_modseq(struct cursor *c, uint64_t *n)
{
	return number_to(c, INT64_MAX, n);
}

bool
cursor_nz_number(struct cursor *c, uint32_t *n)
{
	return !cursor_is(c, '0') && cursor_number(c, n);
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE; only \" and \\ are escapes. 8-bit octets
 * are taken although the grammar wants literals for them: clients send them,
 * and nothing else they could mean is in the way. */
static bool
quoted(struct cursor *c, stralloc *out)
{
	out->len = 0;
	if (!cursor_char(c, '"'))
		return false;
	while (c->pos < c->len) {
		char b = c->s[c->pos++];
		if (b == '"')
			return true;
		if (b == '\\') {
			if (!cursor_is(c, '"') && !cursor_is(c, '\\'))
				return false;
			b = c->s[c->pos++];
		}
		if (!b || b == '\r' || b == '\n' || !stralloc_append(out, b))
			return false;
	}
	return false;
}

static bool
literal_header(struct cursor *c, uint32_t *n)
{
	if (!cursor_char(c, '{') || !cursor_number(c, n))
		return false;
	if (cursor_is(c, '+'))
		c->pos++;
	return cursor_char(c, '}');
}

/* However large: what the number is the command knows. */
bool
cursor_literal_header(struct cursor *c)
{
	if (!cursor_char(c, '{'))
		return false;
	size_t start = c->pos;
	while (c->pos < c->len && c->s[c->pos] >= '0' && c->s[c->pos] <= '9')
		c->pos++;
	if (c->pos == start)
		return false;
	cursor_char(c, '+');
	return cursor_char(c, '}') && cursor_end(c);
}

static bool
octets(struct cursor *c, stralloc *out)
{
	uint32_t n;
	if (!literal_header(c, &n) || !cursor_char(c, '\r') ||
	    !cursor_char(c, '\n') || n > c->len - c->pos ||
	    !stralloc_copyb(out, c->s + c->pos, n))
		return false;
	c->pos += n;
	return true;
}

bool
cursor_literal8(struct cursor *c, stralloc *out)
{
	return cursor_char(c, '~') && octets(c, out);
}

static bool
literal(struct cursor *c, stralloc *out)
{
	return octets(c, out) && !memchr(out->s, 0, out->len);
}

bool
cursor_string(struct cursor *c, stralloc *out)
{
	return cursor_is(c, '{') ? literal(c, out) : quoted(c, out);
}

static bool
string_or(struct cursor *c, bool (*member)(unsigned char), stralloc *out)
{
	char const *at;
	size_t len;
	if (cursor_is(c, '"') || cursor_is(c, '{'))
		return cursor_string(c, out);
	return run_of(c, member, &at, &len) && stralloc_copyb(out, at, len);
}

bool
cursor_astring(struct cursor *c, stralloc *out)
{
	return string_or(c, is_astring_char, out);
}

bool
cursor_list_mailbox(struct cursor *c, stralloc *out)
{
	return string_or(c, is_list_char, out);
}

bool
cursor_nstring(struct cursor *c, stralloc *out, bool *nil)
{
	*nil = cursor_word(c, "NIL");
	out->len = 0;
	return *nil || cursor_string(c, out);
}
