/* SPDX-License-Identifier: ISC */
#include "trace-line.h"

#include <ctype.h>
#include <string.h>

#include "hex.h"

static struct bytes
skip(struct bytes b, size_t n)
{
	return (struct bytes){ b.s + n, b.len - n };
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* --- a line ----------------------------------------------------------------- */

/* Length of "program[pid]: " at S, 0 for none. */
static size_t
program_name(struct bytes b)
{
	size_t i = 0;
	while (i < b.len &&
	    ((b.s[i] | 0x20) >= 'a' ? (b.s[i] | 0x20) <= 'z'
	                            : is_digit(b.s[i]) || b.s[i] == '-'))
		i++;
	if (!i || i == b.len || b.s[i++] != '[')
		return 0;
	size_t digits = i;
	while (i < b.len && is_digit(b.s[i]))
		i++;
	return i > digits && b.len - i >= 3 && memcmp(b.s + i, "]: ", 3) == 0
	    ? i + 3
	    : 0;
}

/* Moves *REST behind the last of the names that stand one after the other:
 * journald and syslog put theirs before ours. */
static bool
skip_names(struct bytes *rest)
{
	bool found = false;
	while (rest->len) {
		size_t n = program_name(*rest);
		/* "<6>", where a line for journald went elsewhere */
		if (!n && rest->len > 3 && rest->s[0] == '<' &&
		    is_digit(rest->s[1]) && rest->s[2] == '>')
			n = 3;
		else if (n)
			found = true;
		if (n)
			*rest = skip(*rest, n);
		else if (found)
			break;
		else
			bytes_take_until(rest, ' ');
	}
	return found && rest->len;
}

/* "2026-11-21T..." or "@4000000..." */
static bool
is_time(struct bytes word)
{
	return word.len > 10 &&
	    (*word.s == '@' || (is_digit(*word.s) && word.s[10] == 'T'));
}

bool
trace_line_parse(char const *s, size_t len, struct trace_line *line)
{
	struct bytes rest = { s, len };
	struct bytes first = rest;
	line->time = bytes_take_until(&first, ' ');
	if (!is_time(line->time))
		line->time = bytes_of("");
	if (!skip_names(&rest))
		return false;
	line->uid = bytes_take_until(&rest, ' ');
	bytes_take_until(&rest, ' ');
	line->pairs = rest;
	return line->uid.len > 0;
}

/* --- pairs ------------------------------------------------------------------ */

/* Length of a value: up to a blank, or its closing quote. */
static size_t
value_length(struct bytes b)
{
	size_t i = 1;
	if (!b.len || *b.s != '"') {
		char const *blank = memchr(b.s, ' ', b.len);
		return blank ? (size_t)(blank - b.s) : b.len;
	}
	while (i < b.len && b.s[i] != '"')
		i += b.s[i] == '\\' ? 2 : 1;
	return i < b.len ? i + 1 : b.len;
}

bool
trace_pair_next(struct bytes *rest, struct trace_pair *pair)
{
	while (rest->len && *rest->s == ' ')
		*rest = skip(*rest, 1);
	if (!rest->len)
		return false;
	pair->key = bytes_take_until(rest, '=');
	pair->value = (struct bytes){ rest->s, value_length(*rest) };
	*rest = skip(*rest, pair->value.len);
	return true;
}

/* The octet at the start of a quoted value, and how long it is there. */
static size_t
quoted_octet(struct bytes b, char *octet)
{
	unsigned char c;
	*octet = *b.s;
	if (*b.s != '\\' || b.len < 2)
		return 1;
	if (b.len >= 4 && b.s[1] == 'x' && hex_decode(b.s + 2, 1, &c)) {
		*octet = (char)c;
		return 4;
	}
	*octet = b.s[1];
	return 2;
}

bool
trace_value_is(struct bytes value, char const *wanted)
{
	bool quoted = value.len >= 2 && *value.s == '"';
	if (quoted)
		value = (struct bytes){ value.s + 1, value.len - 2 };
	while (value.len) {
		char c = *value.s;
		value = skip(value, quoted ? quoted_octet(value, &c) : 1);
		if (!*wanted ||
		    tolower((unsigned char)c) !=
		        tolower((unsigned char)*wanted++))
			return false;
	}
	return !*wanted;
}
