/* SPDX-License-Identifier: ISC */
#include "mime-downgrade.h"

#include <stdbool.h>
#include <string.h>

#include "base64.h"
#include "message.h"
#include "mime-field.h"

struct walk {
	octet_sink *sink;
	void *arg;
	struct span without;
	unsigned int depth;
	struct span boundary[MIME_DEPTH_MAX]; /* of multiparts around us */
};

/* Where a header and a body stand: what they are when nothing says it. */
enum place {
	PLACE_MESSAGE,
	PLACE_PART,
	PLACE_DIGEST /* RFC 2046 section 5.1.5: a message */
};

struct entity {
	enum place place;
	struct span header; /* with the blank line */
	struct span body;
	bool separated;                /* by that line */
	bool clean;                    /* the body is */
	bool mime;                     /* MIME-Version is there */
	unsigned int types, encodings; /* how many of these fields */
	struct mime_type type;
	enum mime_encoding encoding;
};

static bool
put(struct walk *w, struct span s)
{
	return !s.len || w->sink(w->arg, s.s, s.len);
}

static bool
put_text(struct walk *w, char const *text)
{
	return w->sink(w->arg, text, strlen(text));
}

static enum mime_downgrade
done_if(bool ok)
{
	return ok ? MIME_DOWNGRADED : MIME_STOPPED;
}

/* --- octets ----------------------------------------------------------------- */

/* RFC 2045 section 2.7 and 2.8: neither NUL nor more than ASCII. */
static bool
is_seven_bit(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((signed char)s.s[i] <= 0)
			return false;
	return true;
}

static bool
has_long_line(struct span s)
{
	while (s.len > MIME_TEXT_LINE_MAX) {
		char const *lf = memchr(s.s, '\n', s.len);
		size_t n = lf ? (size_t)(lf - s.s) : s.len;
		bool cr = lf && n && s.s[n - 1] == '\r';
		if (n - cr > MIME_TEXT_LINE_MAX)
			return true;
		s = span_from(s, n + 1);
	}
	return false;
}

static bool
is_clean(struct span s)
{
	return is_seven_bit(s) && !has_long_line(s);
}

/* --- headers ---------------------------------------------------------------- */

static void
read_field(struct entity *e, struct message_field const *f)
{
	struct span value = { f->value, f->value_len };
	if (message_field_is(f, "MIME-Version")) {
		e->mime = true;
	} else if (message_field_is(f, "Content-Type")) {
		e->types++;
		mime_type_read(value, &e->type);
	} else if (message_field_is(f, "Content-Transfer-Encoding")) {
		e->encodings++;
		e->encoding = mime_encoding_read(value);
	}
}

static void
read_entity(struct entity *e, struct span s, enum place place)
{
	struct message_field f;
	size_t pos = 0;
	*e = (struct entity){ .place = place, .type = { .faulty = true } };
	while (message_next_field(s.s, s.len, &pos, &f))
		read_field(e, &f);
	size_t body = message_body(s.s, s.len);
	e->separated = body > pos;
	e->header = (struct span){ s.s, body };
	e->body = span_from(s, body);
	e->clean = is_clean(e->body);
}

/* The header, in which the encoding is now this one; NULL: all stays. With a
 * TYPE, that is said, too. */
static bool
put_header(struct walk *w, struct entity const *e, char const *encoding,
    char const *type)
{
	struct message_field f;
	struct span h = e->header;
	size_t pos = 0;
	bool ok = true;
	while (ok && message_next_field(h.s, h.len, &pos, &f)) {
		if (f.start == w->without.s && w->without.len)
			continue;
		if (!encoding ||
		    !message_field_is(&f, "Content-Transfer-Encoding"))
			ok = put(w, (struct span){ f.start, f.len });
	}
	if (ok && encoding && e->place == PLACE_MESSAGE && !e->mime)
		ok = put_text(w, "MIME-Version: 1.0\n");
	if (ok && type)
		ok = put_text(w, "Content-Type: ") && put_text(w, type) &&
		    put_text(w, "\n");
	if (ok && encoding)
		ok = put_text(w, "Content-Transfer-Encoding: ") &&
		    put_text(w, encoding) && put_text(w, "\n");
	return ok && put(w, span_from(h, pos));
}

/* What no longer has more than seven bits is called so. */
static char const *
relabel(struct entity const *e)
{
	return e->encodings && e->encoding == MIME_8BIT ? "7bit" : NULL;
}

static enum mime_downgrade
put_as_it_is(struct walk *w, struct entity const *e)
{
	char const *label =
	    e->separated && e->encodings == 1 ? relabel(e) : NULL;
	return done_if(put_header(w, e, label, NULL) && put(w, e->body));
}

/* --- parts that have no parts ----------------------------------------------- */

struct base64_lines {
	struct walk *walk;
	bool ok, any; /* a line is written */
	size_t len;
	char line[MIME_BASE64_LINE / 4 * 3];
};

static void
end_base64_line(struct base64_lines *b)
{
	char const *eol = b->any ? "\n" : "";
	stralloc text = STRALLOC_ZERO;
	b->ok = b->ok && stralloc_cats(&text, eol) &&
	    base64_encode(b->line, b->len, &text) &&
	    put(b->walk, span_of(&text));
	b->any = true;
	b->len = 0;
	stralloc_free(&text);
}

static void
add_base64(struct base64_lines *b, char c)
{
	b->line[b->len++] = c;
	if (b->len == sizeof b->line)
		end_base64_line(b);
}

/* Lines end in CRLF before they are encoded (RFC 2045 section 6.8). */
static bool
put_base64(struct walk *w, struct span s)
{
	struct base64_lines b = { .walk = w, .ok = true };
	for (size_t i = 0; i < s.len && b.ok; i++) {
		if (s.s[i] == '\n' && (!i || s.s[i - 1] != '\r'))
			add_base64(&b, '\r');
		add_base64(&b, s.s[i]);
	}
	if (b.len)
		end_base64_line(&b);
	bool whole_lines = s.len && s.s[s.len - 1] == '\n';
	return b.ok && (!whole_lines || put_text(w, "\n"));
}

static int
count_octets(void *arg, char const *s, size_t len)
{
	(void)s;
	*(size_t *)arg += len;
	return 1;
}

static bool
is_shorter_in_base64(struct span s)
{
	size_t quoted = 0, octets = s.len;
	(void)quoted_printable(s.s, s.len, count_octets, &quoted);
	for (size_t i = 0; i < s.len; i++)
		octets += s.s[i] == '\n' && (!i || s.s[i - 1] != '\r');
	size_t lines = octets / (MIME_BASE64_LINE / 4 * 3) + 1;
	return (octets + 2) / 3 * 4 + lines < quoted;
}

static bool
is_text(struct entity const *e)
{
	return !e->types || !e->type.subtype.len ||
	    span_is_case(e->type.type, "text");
}

static enum mime_downgrade
encode_leaf(struct walk *w, struct entity const *e)
{
	bool base64 = !is_text(e) || memchr(e->body.s, 0, e->body.len) ||
	    is_shorter_in_base64(e->body);
	/* RFC 1428 section 3: nobody said which characters these are */
	bool unsaid = !e->types && !is_seven_bit(e->body);
	return done_if(
	    put_header(w, e, base64 ? "base64" : "quoted-printable",
	        unsaid ? "text/plain; charset=unknown-8bit" : NULL) &&
	    (base64 ? put_base64(w, e->body)
	            : quoted_printable(e->body.s, e->body.len, w->sink,
	                  w->arg)));
}

static enum mime_downgrade
walk_leaf(struct walk *w, struct entity const *e)
{
	if (e->clean)
		return put_as_it_is(w, e);
	if (e->encoding == MIME_ENCODED && is_seven_bit(e->body))
		return put_as_it_is(w, e);
	if (e->encoding == MIME_ENCODED || e->encoding == MIME_UNKNOWN)
		return MIME_STRUCTURE;
	return encode_leaf(w, e);
}

/* --- parts that have parts -------------------------------------------------- */

/* A line of "--" and the boundary. */
struct delimiter {
	size_t before; /* here ends what stands before it */
	size_t behind;
	bool last; /* "--" behind it, too */
};

/* Whether nothing but white space stands between *POS and the end of the line,
 * behind which *POS is then (RFC 2046 section 5.1.1: transport-padding). */
static bool
ends_line(struct span s, size_t *pos)
{
	while (*pos < s.len && strchr(" \t\r", s.s[*pos]) && s.s[*pos])
		(*pos)++;
	if (*pos == s.len)
		return true;
	return s.s[(*pos)++] == '\n';
}

static bool
is_delimiter(struct span s, size_t at, struct span boundary,
    struct delimiter *d)
{
	if (at && s.s[at - 1] != '\n')
		return false;
	d->behind = at + 2 + boundary.len;
	d->last =
	    s.len - d->behind >= 2 && memcmp(s.s + d->behind, "--", 2) == 0;
	d->behind += 2 * d->last;
	if (!ends_line(s, &d->behind))
		return false;
	d->before = at - (at > 0);
	d->before -= d->before && s.s[d->before - 1] == '\r';
	return true;
}

/* The first one at or behind FROM, which begins a line. */
static bool
find_delimiter(struct span s, size_t from, struct span boundary,
    struct delimiter *d)
{
	char line[2 + MIME_BOUNDARY_MAX] = "--";
	memcpy(line + 2, boundary.s, boundary.len);
	for (size_t rest = from; rest < s.len;) {
		char const *found =
		    memmem(s.s + rest, s.len - rest, line, 2 + boundary.len);
		if (!found)
			return false;
		size_t at = (size_t)(found - s.s);
		if (is_delimiter(s, at, boundary, d)) {
			if (d->before < from) /* nothing stands between */
				d->before = from;
			return true;
		}
		/* a line can be full of them: only one may begin the next */
		char const *lf = memchr(found, '\n', s.len - at);
		if (!lf)
			return false;
		rest = (size_t)(lf - s.s) + 1;
	}
	return false;
}

/* Where a multipart has the boundary of one around it, readers do not agree
 * about what begins and ends. */
static bool
is_used(struct walk const *w, struct mime_type const *t)
{
	for (unsigned int i = 0; t->boundary_len && i < w->depth; i++)
		if (w->boundary[i].len == t->boundary_len &&
		    memcmp(w->boundary[i].s, t->boundary, t->boundary_len) == 0)
			return true;
	return false;
}

static enum mime_downgrade walk_entity(struct walk *w, struct span s,
    enum place place);

static struct span
piece(struct span s, size_t from, size_t to)
{
	return (struct span){ s.s + from, to - from };
}

/* What stands where readers may differ about it, and needs no encoding. */
static enum mime_downgrade
put_if_clean(struct walk *w, struct entity const *e,
    enum mime_downgrade otherwise)
{
	return e->clean ? put_as_it_is(w, e) : otherwise;
}

/* The rest of a body in which there is no delimiter. */
static enum mime_downgrade
put_rest(struct walk *w, struct span rest)
{
	return is_clean(rest) ? done_if(put(w, rest)) : MIME_STRUCTURE;
}

/* NOLINTBEGIN(misc-no-recursion): MIME_DEPTH_MAX bounds it */

/* The parts behind FROM, each with the delimiter behind it; *BEHIND is then
 * behind the last. MIME_STRUCTURE when that is not the last of all. */
static enum mime_downgrade
walk_parts(struct walk *w, struct span s, size_t *behind, enum place place)
{
	struct span boundary = w->boundary[w->depth - 1];
	struct delimiter d = { .behind = *behind };
	while (!d.last) {
		size_t from = *behind;
		if (!find_delimiter(s, from, boundary, &d))
			return MIME_STRUCTURE;
		enum mime_downgrade r =
		    walk_entity(w, piece(s, from, d.before), place);
		if (r != MIME_DOWNGRADED)
			return r;
		if (!put(w, piece(s, d.before, d.behind)))
			return MIME_STOPPED;
		*behind = d.behind;
	}
	return MIME_DOWNGRADED;
}

/* Where it has no end, or none of its parts a beginning, it is not certain what
 * its last part is. */
static enum mime_downgrade
walk_body(struct walk *w, struct entity const *e)
{
	struct span s = e->body;
	struct delimiter d;
	enum mime_downgrade r = MIME_STRUCTURE;
	enum place place =
	    span_is_case(e->type.subtype, "digest") ? PLACE_DIGEST : PLACE_PART;
	size_t behind = 0;
	if (find_delimiter(s, 0, w->boundary[w->depth - 1], &d) && !d.last) {
		behind = d.behind;
		r = put_rest(w, piece(s, 0, behind));
		if (r == MIME_DOWNGRADED)
			r = walk_parts(w, s, &behind, place);
	}
	return r == MIME_DOWNGRADED || (r == MIME_STRUCTURE && e->clean)
	    ? put_rest(w, span_from(s, behind))
	    : r;
}

static enum mime_downgrade
walk_multipart(struct walk *w, struct entity const *e)
{
	struct span boundary = { e->type.boundary, e->type.boundary_len };
	bool old = e->place == PLACE_MESSAGE && !e->mime && !e->clean;
	if (span_is_case(e->type.subtype, "signed") ||
	    span_is_case(e->type.subtype, "encrypted"))
		return put_if_clean(w, e, MIME_PROTECTED);
	if (e->type.faulty || !boundary.len)
		return put_if_clean(w, e, MIME_STRUCTURE);
	if (!put_header(w, e, old ? "7bit" : relabel(e), NULL))
		return MIME_STOPPED;
	w->boundary[w->depth++] = boundary;
	enum mime_downgrade r = walk_body(w, e);
	w->depth--;
	return r;
}

static enum mime_downgrade
walk_message(struct walk *w, struct entity const *e)
{
	if (!put_header(w, e, relabel(e), NULL))
		return MIME_STOPPED;
	w->boundary[w->depth++] = (struct span){ "", 0 };
	enum mime_downgrade r = walk_entity(w, e->body, PLACE_MESSAGE);
	w->depth--;
	return r;
}

static enum mime_downgrade
walk_composite(struct walk *w, struct entity const *e, bool message)
{
	if (!e->separated || e->types > 1 || e->encodings > 1 ||
	    e->encoding > MIME_8BIT || w->depth == MIME_DEPTH_MAX)
		return put_if_clean(w, e, MIME_STRUCTURE);
	return message ? walk_message(w, e) : walk_multipart(w, e);
}

/* RFC 2046 section 5.2: messages may not be encoded; those of RFC 6532 and 6533
 * may. */
static bool
is_global(struct entity const *e)
{
	struct span s = e->type.subtype;
	return s.len >= 6 && strncasecmp(s.s, "global", 6) == 0;
}

static enum mime_downgrade
walk_typed(struct walk *w, struct entity const *e)
{
	struct span type = e->type.type;
	if (!e->types && e->place == PLACE_DIGEST)
		return walk_composite(w, e, true);
	if (span_is_case(type, "multipart"))
		return is_used(w, &e->type) ? MIME_STRUCTURE
		                            : walk_composite(w, e, false);
	if (!span_is_case(type, "message") || is_global(e))
		return walk_leaf(w, e);
	return span_is_case(e->type.subtype, "rfc822")
	    ? walk_composite(w, e, true)
	    : put_if_clean(w, e, MIME_STRUCTURE);
}

static enum mime_downgrade
walk_entity(struct walk *w, struct span s, enum place place)
{
	struct entity e;
	read_entity(&e, s, place);
	if (!is_seven_bit(e.header))
		return MIME_HEADER;
	if (!e.clean && (!e.separated || e.types > 1 || e.encodings > 1))
		return MIME_STRUCTURE;
	return walk_typed(w, &e);
}

/* NOLINTEND(misc-no-recursion) */

enum mime_downgrade
mime_downgrade(struct span m, struct span without, octet_sink *sink, void *arg)
{
	struct walk w = { .sink = sink, .arg = arg, .without = without };
	return walk_entity(&w, m, PLACE_MESSAGE);
}
