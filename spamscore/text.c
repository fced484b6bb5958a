/* SPDX-License-Identifier: ISC */
#include "text.h"

#include "decode.h"
#include "header.h"
#include "html.h"
#include "message.h"
#include "mime.h"
#include "uri.h"

static bool
is_text(struct mime_part const *p)
{
	return (strncmp(p->type, "text/", 5) == 0 ||
	           strncmp(p->type, "message/", 8) == 0) &&
	    strcmp(p->type, "text/calendar") != 0;
}

/* Cuts at MAX, or up to 1 KiB later where a line or word ends. */
static size_t
cut(char const *s, size_t len, size_t max, char const *ends)
{
	if (len <= max)
		return len;
	size_t window = len - max < 1024 ? len - max : 1024;
	for (; *ends; ends++) {
		char const *at = memchr(s + max, *ends, window);
		if (at)
			return (size_t)(at - s) + 1;
	}
	return max;
}

/* --- body ------------------------------------------------------------------ */

/* White space that says the same: blank lines end a paragraph, all else is one
 * space. */
static int
fold_space(struct span in, stralloc *out)
{
	for (size_t i = 0; i < in.len;) {
		size_t lines = 0;
		size_t n = i;
		while (n < in.len && span_is_space(in.s[n]))
			lines += in.s[n++] == '\n';
		char c = n == i ? in.s[n++] : lines > 1 ? '\n' : ' ';
		if (!stralloc_append(out, c))
			return 0;
		i = n;
	}
	return 1;
}

/* Adds lines of at most TEXT_LINE_MAX bytes, broken after a space if there is
 * one. */
static int
add_lines(struct span in, genalloc *lines)
{
	while (in.len) {
		char const *lf = memchr(in.s, '\n', in.len);
		size_t n = lf ? (size_t)(lf - in.s) + 1 : in.len;
		if (n > TEXT_LINE_MAX) {
			char const *space = memrchr(in.s, ' ', TEXT_LINE_MAX);
			n = space ? (size_t)(space - in.s) + 1 : TEXT_LINE_MAX;
		}
		struct span line = { in.s, n };
		if (!genalloc_append(struct span, lines, &line))
			return 0;
		in = span_from(in, n);
	}
	return 1;
}

static int
put_subject(struct text *t)
{
	struct target subject = { "Subject", TARGET_LAST };
	stralloc value = STRALLOC_ZERO;
	int r = header_value(t->header, NULL, &subject, &value);
	int ok = r >= 0 && stralloc_catb(&t->body_store, value.s, value.len) &&
	    (value.len || stralloc_append(&t->body_store, '\n'));
	stralloc_free(&value);
	return ok;
}

/* The part as it would be shown. */
static int
render(struct mime_part const *p, struct span decoded, stralloc *links,
    stralloc *out)
{
	stralloc utf8 = STRALLOC_ZERO;
	int ok = decode_charset(decoded, p->charset, &utf8);
	struct span in = span_of(&utf8);
	if (ok)
		ok = strcmp(p->type, "text/html") == 0
		    ? html_render(in.s, in.len, out, links)
		    : stralloc_catb(out, in.s, in.len);
	stralloc_free(&utf8);
	return ok;
}

/* --- rawbody --------------------------------------------------------------- */

/* Pieces of one to two TEXT_LINE_MAX, cut after a line, a tag or a word. */
static size_t
piece_length(struct span in)
{
	if (in.len <= (size_t)2 * TEXT_LINE_MAX)
		return in.len;
	for (char const *end = "\n> "; *end; end++) {
		char const *at =
		    memchr(in.s + TEXT_LINE_MAX, *end, TEXT_LINE_MAX);
		if (at)
			return (size_t)(at - in.s) + 1;
	}
	return TEXT_LINE_MAX + 1;
}

static int
add_pieces(struct span in, genalloc *pieces)
{
	while (in.len) {
		struct span piece = { in.s, piece_length(in) };
		if (!genalloc_append(struct span, pieces, &piece))
			return 0;
		in = span_from(in, piece.len);
	}
	return 1;
}

/* --- all parts ------------------------------------------------------------- */

/* The stores move while they grow: pieces are cut when all is in them. */
struct stage {
	struct text *t;
	struct rules const *rules;
	stralloc shown; /* all parts, before white space is folded */
	stralloc links; /* of HTML parts, one a line */
	genalloc raw;   /* struct span: the parts' sizes in rawbody_store */
};

static int
read_part(struct stage *s, struct mime_part const *p)
{
	stralloc *raw = &s->t->rawbody_store;
	size_t start = raw->len;
	size_t shown = s->shown.len;
	if (!mime_decode(p, raw))
		return 0;
	struct span decoded = span_from(span_of(raw), start);
	bool visible = strcmp(p->type, "text/plain") == 0 ||
	    strcmp(p->type, "text/html") == 0;
	if (shown && !stralloc_append(&s->shown, '\n'))
		return 0;
	shown = s->shown.len;
	if (visible && !render(p, decoded, &s->links, &s->shown))
		return 0;
	struct span added = span_from(span_of(&s->shown), shown);
	s->shown.len =
	    shown + cut(added.s, added.len, s->rules->body_part_max, "\n ");
	struct span size = { NULL,
		cut(decoded.s, decoded.len, s->rules->rawbody_part_max,
		    "\n> ") };
	raw->len = start + size.len;
	return genalloc_append(struct span, &s->raw, &size);
}

static int
read_parts(struct stage *s)
{
	struct mime_part const *p = genalloc_s(struct mime_part, &s->t->parts);
	size_t n = genalloc_len(struct mime_part, &s->t->parts);
	for (size_t i = 0; i < n; i++)
		if (is_text(&p[i]) && !read_part(s, &p[i]))
			return 0;
	return 1;
}

static int
cut_rawbody(struct stage *s)
{
	struct span *raw = genalloc_s(struct span, &s->raw);
	size_t n = genalloc_len(struct span, &s->raw);
	struct span rest = span_of(&s->t->rawbody_store);
	for (size_t i = 0; i < n; rest = span_from(rest, raw[i++].len))
		if (!add_pieces((struct span){ rest.s, raw[i].len },
		        &s->t->rawbody))
			return 0;
	return 1;
}

static int
find_uris(struct stage *s)
{
	struct text *t = s->t;
	stralloc found = STRALLOC_ZERO;
	int ok = stralloc_copy(&found, &s->links) &&
	    uri_find(span_of(&t->body_store), &found);
	struct span rest = span_of(&found);
	while (ok && rest.len) {
		char const *lf = memchr(rest.s, '\n', rest.len);
		size_t n = lf ? (size_t)(lf - rest.s) : rest.len;
		ok = uri_forms((struct span){ rest.s, n }, &t->uri_store);
		rest = span_from(rest, n + (lf != NULL));
	}
	stralloc_free(&found);
	rest = span_of(&t->uri_store);
	while (ok && rest.len) {
		char const *lf = memchr(rest.s, '\n', rest.len);
		struct span uri = { rest.s,
			lf ? (size_t)(lf - rest.s) : rest.len };
		ok = genalloc_append(struct span, &t->uris, &uri);
		rest = span_from(rest, uri.len + (lf != NULL));
	}
	return ok;
}

int
text_read(struct text *t, struct rules const *rules, struct span message)
{
	*t = (struct text){ .message = message };
	t->header =
	    (struct span){ message.s, message_body(message.s, message.len) };
	struct stage s = { .t = t, .rules = rules };
	int ok = mime_parts(message, &t->parts) && put_subject(t) &&
	    read_parts(&s) && fold_space(span_of(&s.shown), &t->body_store) &&
	    add_lines(span_of(&t->body_store), &t->body) && cut_rawbody(&s) &&
	    find_uris(&s);
	stralloc_free(&s.shown);
	stralloc_free(&s.links);
	genalloc_free(struct span, &s.raw);
	return ok;
}

void
text_free(struct text *t)
{
	genalloc_free(struct mime_part, &t->parts);
	genalloc_free(struct span, &t->body);
	genalloc_free(struct span, &t->rawbody);
	genalloc_free(struct span, &t->uris);
	stralloc_free(&t->body_store);
	stralloc_free(&t->rawbody_store);
	stralloc_free(&t->uri_store);
}
