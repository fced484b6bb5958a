/* SPDX-License-Identifier: ISC */
#include "mime-field.h"

#include <string.h>

#include "message.h"

/* --- words ------------------------------------------------------------------ */

/* White space and comments. False: a comment has no end. */
static bool
skip_blanks(struct span *rest)
{
	for (;;) {
		while (rest->len && span_is_space(*rest->s))
			*rest = span_from(*rest, 1);
		if (!rest->len || *rest->s != '(')
			return true;
		size_t at = 0;
		if (!message_skip_comment(rest->s, rest->len, &at))
			return false;
		*rest = span_from(*rest, at < rest->len ? at : rest->len);
	}
}

static bool
is_token_octet(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

static struct span
take_token(struct span *rest)
{
	size_t n = 0;
	while (n < rest->len && is_token_octet(rest->s[n]))
		n++;
	struct span token = { rest->s, n };
	*rest = span_from(*rest, n);
	return token;
}

static bool
take_octet(struct span *rest, char c)
{
	if (!skip_blanks(rest) || !rest->len || *rest->s != c)
		return false;
	*rest = span_from(*rest, 1);
	return skip_blanks(rest);
}

static struct {
	char const *name;
	enum mime_encoding encoding;
} const encodings[] = {
	{ "7bit", MIME_7BIT },
	{ "8bit", MIME_8BIT },
	{ "binary", MIME_8BIT },
	{ "quoted-printable", MIME_ENCODED },
	{ "base64", MIME_ENCODED },
};

enum mime_encoding
mime_encoding_read(struct span value)
{
	if (!skip_blanks(&value))
		return MIME_UNKNOWN;
	struct span token = take_token(&value);
	if (!skip_blanks(&value) || value.len)
		return MIME_UNKNOWN;
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		if (span_is_case(token, encodings[i].name))
			return encodings[i].encoding;
	return MIME_UNKNOWN;
}

/* --- parameters ------------------------------------------------------------- */

struct value {
	size_t len;
	char text[MIME_BOUNDARY_MAX];
	bool too_long;
};

static void
add_octet(struct value *v, char c)
{
	if (v->len < sizeof v->text)
		v->text[v->len++] = c;
	else
		v->too_long = true;
}

/* A string, at its quotation mark; one with a line end or another control in it
 * is wrong. */
static bool
take_string(struct span *rest, struct value *v)
{
	for (size_t i = 1; i < rest->len; i++) {
		char c = rest->s[i];
		if (c == '"') {
			*rest = span_from(*rest, i + 1);
			return true;
		}
		if (c == '\\' && i + 1 < rest->len)
			c = rest->s[++i];
		if (c < ' ' || c == 0x7f)
			return false;
		add_octet(v, c);
	}
	return false;
}

/* Boundaries without quotation marks often have "=" in them, which is wrong and
 * understood by everybody. */
static bool
take_bare(struct span *rest, struct value *v)
{
	size_t n = 0;
	for (; n < rest->len && !span_is_space(rest->s[n]) && rest->s[n] != ';';
	     n++) {
		char c = rest->s[n];
		if (c <= ' ' || c >= 0x7f || strchr("\"(),\\<>@[]", c))
			return false;
		add_octet(v, c);
	}
	*rest = span_from(*rest, n);
	return n > 0;
}

/* False: what it says is not certain. */
static bool
keep_boundary(struct mime_type *t, struct value const *v)
{
	if (t->boundary_len || !v->len || v->too_long ||
	    v->text[v->len - 1] == ' ')
		return false;
	memcpy(t->boundary, v->text, v->len);
	t->boundary_len = v->len;
	return true;
}

/* One parameter. RFC 2231 has ways to write it in pieces, which nobody uses for
 * a boundary. */
static bool
take_parameter(struct span *rest, struct mime_type *t)
{
	static char const wanted[] = "boundary";
	size_t const len = sizeof wanted - 1;
	struct value v = { .len = 0 };
	struct span name = take_token(rest);
	if (!name.len || !take_octet(rest, '=') || !rest->len)
		return false;
	if (!(*rest->s == '"' ? take_string(rest, &v) : take_bare(rest, &v)))
		return false;
	if (span_is_case(name, wanted))
		return keep_boundary(t, &v);
	return name.len <= len || name.s[len] != '*' ||
	    strncasecmp(name.s, wanted, len) != 0;
}

static bool
take_parameters(struct span *rest, struct mime_type *t)
{
	while (take_octet(rest, ';'))
		if (rest->len && *rest->s != ';' && !take_parameter(rest, t))
			return false;
	return !rest->len;
}

void
mime_type_read(struct span value, struct mime_type *t)
{
	struct span rest = value;
	*t = (struct mime_type){ .faulty = true };
	if (!skip_blanks(&rest))
		return;
	t->type = take_token(&rest);
	if (!take_octet(&rest, '/'))
		return;
	t->subtype = take_token(&rest);
	t->faulty = !t->subtype.len || !take_parameters(&rest, t);
}
