/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <string.h>
#include <strings.h>

/* RFC 5322 2.2: a field name is printable US-ASCII without the colon. */
static bool
is_name_byte(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != ':';
}

static size_t
line_end(char const *m, size_t len, size_t pos)
{
	char const *lf = memchr(m + pos, '\n', len - pos);
	return lf ? (size_t)(lf - m) + 1 : len;
}

int
message_next_field(char const *m, size_t len, size_t *pos,
    struct message_field *f)
{
	size_t at = *pos;
	size_t name = at;
	while (name < len && is_name_byte((unsigned char)m[name]))
		name++;
	size_t colon = name;
	/* obs-optional (RFC 5322 4.5.8): blanks before the colon */
	while (colon < len && (m[colon] == ' ' || m[colon] == '\t'))
		colon++;
	if (name == at || colon >= len || m[colon] != ':')
		return 0;
	size_t end = line_end(m, len, colon);
	while (end < len && m[end - 1] == '\n' &&
	    (m[end] == ' ' || m[end] == '\t'))
		end = line_end(m, len, end);
	size_t value_end = end;
	if (value_end > colon + 1 && m[value_end - 1] == '\n')
		value_end--;
	if (value_end > colon + 1 && m[value_end - 1] == '\r')
		value_end--;
	f->start = m + at;
	f->len = end - at;
	f->name_len = name - at;
	f->value = m + colon + 1;
	f->value_len = value_end - (colon + 1);
	*pos = end;
	return 1;
}

bool
message_field_is(struct message_field const *f, char const *name)
{
	return strlen(name) == f->name_len &&
	    strncasecmp(f->start, name, f->name_len) == 0;
}

static size_t
blank_line(char const *m, size_t len, size_t pos)
{
	if (pos < len && m[pos] == '\n')
		return 1;
	if (pos + 1 < len && m[pos] == '\r' && m[pos + 1] == '\n')
		return 2;
	return 0;
}

static size_t
header_end(char const *m, size_t len)
{
	struct message_field f;
	size_t pos = 0;
	while (message_next_field(m, len, &pos, &f))
		continue;
	return pos;
}

bool
message_has_blank_line(char const *m, size_t len)
{
	return blank_line(m, len, header_end(m, len)) > 0;
}

size_t
message_body(char const *m, size_t len)
{
	size_t pos = header_end(m, len);
	return pos + blank_line(m, len, pos);
}

size_t
message_mbox_line(char const *m, size_t len)
{
	if (len < 5 || memcmp(m, "From ", 5) != 0)
		return 0;
	return line_end(m, len, 0);
}

char const *
message_eol(char const *m, size_t len)
{
	size_t end = line_end(m, len, 0);
	return end > 1 && m[end - 1] == '\n' && m[end - 2] == '\r' ? "\r\n"
	                                                           : "\n";
}

bool
message_starts_clean(char const *m, size_t len)
{
	struct message_field f;
	size_t pos = 0;
	return len == 0 || blank_line(m, len, 0) ||
	    message_next_field(m, len, &pos, &f);
}

/* A loop, so that depth costs nothing. */
bool
message_skip_comment(char const *s, size_t len, size_t *pos)
{
	size_t depth = 0;
	do {
		if (*pos >= len)
			return false;
		char c = s[*pos];
		if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
		*pos += c == '\\' ? 2 : 1;
	} while (depth);
	return true;
}
