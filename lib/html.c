/* SPDX-License-Identifier: ISC */
#include "html.h"

#include "ascii.h"
#include "entities.h"
#include "span.h"
#include "utf8.h"

enum { ENTITY_MAX = 10, LINK_MAX = 8192 };

/* --- character references -------------------------------------------------- */

static uint32_t
numeric_point(struct span digits)
{
	uint32_t point = 0;
	bool hex = digits.len && (*digits.s | 0x20) == 'x';
	for (size_t i = hex; i < digits.len; i++) {
		char c = digits.s[i];
		uint32_t v = c <= '9' ? (uint32_t)(c - '0')
		                      : (uint32_t)((c | 0x20) - 'a' + 10);
		if (v >= (hex ? 16U : 10U))
			return 0;
		point = point * (hex ? 16 : 10) + v;
		if (point > 0x10ffff)
			return 0;
	}
	return point;
}

/* The reference at the start of S ("&eacute;", "&#233;", the ";" may be
 * missing): its code point, 0 for none; *USED its length. */
static uint32_t
reference(struct span s, size_t *used)
{
	bool number = s.len > 1 && s.s[1] == '#';
	size_t start = number ? 2 : 1;
	size_t n = start;
	while (n < s.len && n - start < ENTITY_MAX && ascii_is_alnum(s.s[n]))
		n++;
	struct span name = { s.s + start, n - start };
	*used = n + (n < s.len && s.s[n] == ';');
	if (n == start)
		return 0;
	return number ? numeric_point(name) : entity_point(name);
}

static int
put_entities(struct span in, stralloc *out)
{
	for (size_t i = 0; i < in.len;) {
		char const *amp = memchr(in.s + i, '&', in.len - i);
		size_t end = amp ? (size_t)(amp - in.s) : in.len;
		if (!stralloc_catb(out, in.s + i, end - i))
			return 0;
		i = end;
		if (!amp)
			break;
		size_t used;
		uint32_t point = reference(span_from(in, i), &used);
		if (!(point ? utf8_append(out, point)
		            : stralloc_append(out, '&')))
			return 0;
		i += point ? used : 1;
	}
	return 1;
}

/* --- tags ------------------------------------------------------------------ */

enum tag_flag {
	TAG_NEWLINE = 1, /* a line ends here */
	TAG_SPACE = 2,
	TAG_PARAGRAPH = 4, /* a blank line is here */
	TAG_HIDDEN = 8     /* up to its end tag nothing is shown */
};

static struct {
	char const *name;
	unsigned int flags;
	char const *link; /* the attribute that points somewhere */
} const tags[] = {
	{ "a", 0, "href" },
	{ "area", 0, "href" },
	{ "base", 0, "href" },
	{ "bgsound", 0, "src" },
	{ "blockquote", TAG_PARAGRAPH, NULL },
	{ "body", 0, "background" },
	{ "br", TAG_NEWLINE, NULL },
	{ "dd", TAG_SPACE, NULL },
	{ "div", TAG_NEWLINE, NULL },
	{ "dt", TAG_SPACE, NULL },
	{ "embed", TAG_SPACE, "src" },
	{ "form", 0, "action" },
	{ "frame", 0, "src" },
	{ "h1", TAG_SPACE, NULL },
	{ "h2", TAG_SPACE, NULL },
	{ "h3", TAG_SPACE, NULL },
	{ "h4", TAG_SPACE, NULL },
	{ "h5", TAG_SPACE, NULL },
	{ "h6", TAG_SPACE, NULL },
	{ "hr", TAG_PARAGRAPH, NULL },
	{ "iframe", 0, "src" },
	{ "img", 0, "src" },
	{ "li", TAG_SPACE, NULL },
	{ "link", 0, "href" },
	{ "listing", TAG_PARAGRAPH, NULL },
	{ "p", TAG_PARAGRAPH, NULL },
	{ "plaintext", TAG_PARAGRAPH, NULL },
	{ "pre", TAG_PARAGRAPH, NULL },
	{ "script", TAG_HIDDEN, "src" },
	{ "style", TAG_HIDDEN, NULL },
	{ "table", 0, "background" },
	{ "td", TAG_SPACE, "background" },
	{ "th", TAG_SPACE, NULL },
	{ "title", TAG_PARAGRAPH, NULL },
	{ "tr", 0, "background" },
	{ "xmp", TAG_PARAGRAPH, NULL },
};

/* One tag, "<" and ">" included. */
struct tag {
	struct span name; /* without the "/" of an end tag */
	struct span attributes;
	bool end;
	size_t len;
};

/* Length of the markup up to ">"; a ">" in quotes that stand where an
 * attribute's value is does not end it. */
static size_t
tag_length(struct span s)
{
	char quote = 0;
	char before = 0;
	for (size_t i = 1; i < s.len; i++) {
		char c = s.s[i];
		if (quote && c == quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '\'') && before == '=')
			quote = c;
		else if (!quote && c == '>')
			return i + 1;
		if (!span_is_space(c))
			before = c;
	}
	/* an unclosed quote: the first ">" after all */
	char const *gt = quote ? memchr(s.s, '>', s.len) : NULL;
	return gt ? (size_t)(gt - s.s) + 1 : s.len;
}

static bool
read_tag(struct span s, struct tag *t)
{
	t->end = s.len > 1 && s.s[1] == '/';
	size_t start = t->end ? 2 : 1;
	size_t n = start;
	while (n < s.len && ascii_is_alnum(s.s[n]))
		n++;
	if (n == start || s.s[start] <= '9')
		return false;
	t->len = tag_length(s);
	t->name = (struct span){ s.s + start, n - start };
	size_t end = t->len - (s.s[t->len - 1] == '>');
	t->attributes = (struct span){ s.s + n, end > n ? end - n : 0 };
	return true;
}

static bool
ends_attribute(char c)
{
	return span_is_space(c) || c == '=' || c == '/';
}

static struct span
attribute_value(struct span *a)
{
	char quote = a->len && (*a->s == '"' || *a->s == '\'') ? *a->s : 0;
	if (quote)
		*a = span_from(*a, 1);
	size_t n = 0;
	while (
	    n < a->len && (quote ? a->s[n] != quote : !span_is_space(a->s[n])))
		n++;
	struct span value = { a->s, n };
	*a = span_from(*a, n + (quote && n < a->len));
	return value;
}

/* Takes the next attribute off A. */
static bool
next_attribute(struct span *a, struct span *name, struct span *value)
{
	while (a->len && ends_attribute(*a->s))
		*a = span_from(*a, 1);
	size_t n = 0;
	while (n < a->len && !ends_attribute(a->s[n]))
		n++;
	*name = (struct span){ a->s, n };
	*a = span_from(*a, n);
	*value = (struct span){ a->s, 0 };
	struct span rest = *a;
	while (rest.len && span_is_space(*rest.s))
		rest = span_from(rest, 1);
	if (rest.len && *rest.s == '=') {
		rest = span_from(rest, 1);
		while (rest.len && span_is_space(*rest.s))
			rest = span_from(rest, 1);
		*value = attribute_value(&rest);
		*a = rest;
	}
	return name->len > 0;
}

/* Line ends and other controls are no part of an address. */
static int
put_link(struct span value, stralloc *links)
{
	stralloc link = STRALLOC_ZERO;
	value = span_trim(value);
	if (value.len > LINK_MAX)
		value.len = LINK_MAX;
	int ok = put_entities(value, &link);
	for (size_t i = 0; ok && i < link.len; i++)
		if ((unsigned char)link.s[i] >= ' ')
			ok = stralloc_append(links, link.s[i]);
	ok = ok && stralloc_append(links, '\n');
	stralloc_free(&link);
	return ok;
}

static int
put_links(struct tag const *t, char const *attribute, stralloc *links)
{
	struct span rest = t->attributes;
	struct span name;
	struct span value;
	while (next_attribute(&rest, &name, &value))
		if (span_is_case(name, attribute) && value.len &&
		    !put_link(value, links))
			return 0;
	return 1;
}

/* Length of what is hidden: up to the end tag of T, or to the end. */
static size_t
hidden_length(struct span s, struct tag const *t)
{
	for (size_t i = 0; i + 2 + t->name.len <= s.len; i++) {
		char const *lt = memchr(s.s + i, '<', s.len - i);
		if (!lt)
			break;
		i = (size_t)(lt - s.s);
		if (i + 2 + t->name.len <= s.len && s.s[i + 1] == '/' &&
		    strncasecmp(s.s + i + 2, t->name.s, t->name.len) == 0)
			return i;
	}
	return s.len;
}

static int
put_tag(struct tag const *t, stralloc *text, stralloc *links, bool *hidden)
{
	size_t i = 0;
	size_t n = sizeof tags / sizeof *tags;
	while (i < n && !span_is_case(t->name, tags[i].name))
		i++;
	*hidden = i < n && !t->end && tags[i].flags & TAG_HIDDEN;
	if (i == n)
		return 1;
	if (tags[i].link && !t->end && !put_links(t, tags[i].link, links))
		return 0;
	unsigned int f = tags[i].flags;
	return stralloc_cats(text,
	    f & TAG_PARAGRAPH     ? "\n\n"
	        : f & TAG_NEWLINE ? "\n"
	        : f & TAG_SPACE   ? " "
	                          : "");
}

/* --- text ------------------------------------------------------------------ */

/* White space of any kind, and runs of it, are one space: only tags end lines.
 */
static int
put_text(struct span s, stralloc *text)
{
	stralloc plain = STRALLOC_ZERO;
	int ok = put_entities(s, &plain);
	bool space = text->len && span_is_space(text->s[text->len - 1]);
	for (size_t i = 0; ok && i < plain.len; i++) {
		char c = plain.s[i];
		bool nbsp = c == '\xc2' && i + 1 < plain.len &&
		    plain.s[i + 1] == '\xa0';
		i += nbsp;
		bool now = nbsp || span_is_space(c);
		if (!now || !space)
			ok = stralloc_append(text, now ? ' ' : c);
		space = now;
	}
	stralloc_free(&plain);
	return ok;
}

/* Length of a comment or declaration at S. As browsers do it, "<!-->" is a whole
 * comment, and one that is not closed takes the rest. */
static size_t
declaration_length(struct span s)
{
	bool comment = span_starts(s, "<!--");
	char const *end;
	if (span_starts(s, "<!-->"))
		return 5;
	end = comment ? memmem(s.s + 4, s.len - 4, "-->", 3)
	              : memchr(s.s, '>', s.len);
	return end ? (size_t)(end - s.s) + (comment ? 3 : 1) : s.len;
}

int
html_render(char const *s, size_t len, stralloc *text, stralloc *links)
{
	struct span in = { s, len };
	while (in.len) {
		char const *lt = memchr(in.s, '<', in.len);
		size_t n = lt ? (size_t)(lt - in.s) : in.len;
		struct tag t;
		bool hidden = false;
		if (n && !put_text((struct span){ in.s, n }, text))
			return 0;
		in = span_from(in, n);
		if (!in.len)
			break;
		if (in.len > 1 && (in.s[1] == '!' || in.s[1] == '?')) {
			n = declaration_length(in);
		} else if (read_tag(in, &t)) {
			n = t.len;
			if (!put_tag(&t, text, links, &hidden))
				return 0;
		} else {
			n = 1;
			if (!stralloc_append(text, '<'))
				return 0;
		}
		in = span_from(in, n);
		if (hidden)
			in = span_from(in, hidden_length(in, &t));
	}
	return 1;
}
