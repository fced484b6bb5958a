/* SPDX-License-Identifier: ISC */
#include "structure.h"

#include <stdlib.h>
#include <string.h>
#include "envelope.h"
#include "header.h"
#include "parse.h"
#include "value.h"

struct writer {
	stralloc *out;
	struct mime const *m;
	bool extended;
	struct header_source const *source;
	stralloc header; /* of the part at hand */
	stralloc value;
	struct structured *type; /* large: not on the stack */
};

static int
space(struct writer *w)
{
	return stralloc_append(w->out, ' ');
}

static int
put(struct writer *w, char const *s)
{
	return stralloc_cats(w->out, s);
}

static bool
find_field(struct writer *w, char const *name, struct header_field *f)
{
	size_t pos = 0;
	while (header_next(w->header.s, w->header.len, &pos, f))
		if (header_is(f, name))
			return true;
	return false;
}

/* SP nstring of a field's text */
static int
put_field(struct writer *w, char const *name, char const *otherwise)
{
	struct header_field f;
	if (!space(w))
		return 0;
	w->value.len = 0;
	if (!find_field(w, name, &f))
		return put(w, otherwise);
	if (!header_unfold(f.value, f.value_len, &w->value))
		return 0;
	return value_string(w->out, w->value.s ? w->value.s : "", w->value.len);
}

/* SP ("name" "value" ...) / NIL; LAST is one more, or "". */
static int
put_params(struct writer *w, struct structured const *v, char const *last)
{
	if (!space(w))
		return 0;
	if (!v->count && !*last)
		return put(w, "NIL");
	if (!stralloc_append(w->out, '('))
		return 0;
	for (size_t i = 0; i < v->count; i++) {
		struct param const *p = &v->params[i];
		if ((i && !space(w)) ||
		    !value_string(w->out, v->pool.s + p->name.at,
		        p->name.len) ||
		    !space(w) ||
		    !value_string(w->out, v->pool.s + p->value.at,
		        p->value.len))
			return 0;
	}
	return (!v->count || !*last || space(w)) && put(w, last) && put(w, ")");
}

int
structure_type(struct mime_part const *p, char const *header, size_t len,
    struct structured *type, char const **first, size_t *first_len,
    char const **second, size_t *second_len)
{
	struct header_field f;
	size_t pos = 0;
	bool found = false;
	while (!found && header_next(header, len, &pos, &f))
		found = header_is(&f, "Content-Type");
	bool ok = found && structured_parse(type, f.value, f.value_len) &&
	    type->second.len;
	if (ok && p->kind != MIME_OPAQUE) {
		*first = type->pool.s + type->first.at;
		*first_len = type->first.len;
		*second = type->pool.s + type->second.at;
		*second_len = type->second.len;
		return 1;
	}
	type->count = 0;
	bool message = p->kind == MIME_MESSAGE;
	bool opaque = p->kind == MIME_OPAQUE;
	*first = opaque ? "application" : message ? "message" : "text";
	*second = opaque ? "octet-stream" : message ? "rfc822" : "plain";
	*first_len = strlen(*first);
	*second_len = strlen(*second);
	return 1;
}

/* SP body-fld-enc */
static int
put_encoding(struct writer *w)
{
	struct header_field f;
	bool found = find_field(w, "Content-Transfer-Encoding", &f) &&
	    structured_parse(w->type, f.value, f.value_len);
	if (!space(w))
		return 0;
	return found ? value_string(w->out, w->type->pool.s + w->type->first.at,
	                   w->type->first.len)
	             : put(w, "\"7BIT\"");
}

/* SP body-fld-dsp */
static int
put_disposition(struct writer *w)
{
	struct header_field f;
	if (!find_field(w, "Content-Disposition", &f) ||
	    !structured_parse(w->type, f.value, f.value_len))
		return put(w, " NIL");
	return put(w, " (") &&
	    value_string(w->out, w->type->pool.s + w->type->first.at,
	        w->type->first.len) &&
	    put_params(w, w->type, "") && put(w, ")");
}

/* SP body-fld-lang: one tag as a string, several as a list */
static int
put_language(struct writer *w)
{
	struct header_field f;
	size_t count = 0;
	size_t start;
	if (!find_field(w, "Content-Language", &f))
		return put(w, " NIL");
	if (!space(w))
		return 0;
	start = w->out->len;
	for (size_t pos = 0; pos < f.value_len; count++) {
		pos = header_skip_cfws(f.value, f.value_len, pos);
		size_t end = pos;
		while (end < f.value_len &&
		    ((unsigned char)f.value[end] > 0x20 && f.value[end] != ','))
			end++;
		if (end == pos)
			break;
		if (!stralloc_append(w->out, count ? ' ' : '(') ||
		    !value_string(w->out, f.value + pos, end - pos))
			return 0;
		pos = header_skip_cfws(f.value, f.value_len, end);
		pos += pos < f.value_len && f.value[pos] == ',';
	}
	if (count)
		return put(w, ")");
	w->out->len = start;
	return put(w, "NIL");
}

/* The fields every part has: type, subtype, parameters, id, description,
 * encoding, octets. */
static int
put_common(struct writer *w, struct mime_part const *p, bool *text)
{
	char const *first;
	char const *second;
	size_t first_len;
	size_t second_len;
	if (!structure_type(p, w->header.s, w->header.len, w->type, &first,
	        &first_len, &second, &second_len))
		return 0;
	*text = imap_equal(first, first_len, "text");
	return value_string(w->out, first, first_len) && space(w) &&
	    value_string(w->out, second, second_len) &&
	    put_params(w, w->type,
	        *text && !structured_param(w->type, "charset")
	            ? "\"charset\" \"us-ascii\""
	            : "") &&
	    put_field(w, "Content-ID", "NIL") &&
	    put_field(w, "Content-Description", "NIL") && put_encoding(w) &&
	    space(w) && value_number(w->out, mime_body_size(p));
}

static int
put_lines(struct writer *w, struct mime_part const *p)
{
	return space(w) && value_number(w->out, mime_body_lines(p));
}

static int
put_extension(struct writer *w)
{
	return put_disposition(w) && put_language(w) &&
	    put_field(w, "Content-Location", "NIL");
}

static int
read_header(struct writer *w, int part)
{
	return w->source->read(w->source->arg, &w->m->parts[part], &w->header);
}

/* Up to where the parts below it come. */
static int
enter(struct writer *w, int part)
{
	struct mime_part const *p = &w->m->parts[part];
	bool text;
	if (!put(w, "("))
		return 0;
	if (p->kind == MIME_MULTIPART)
		return 1;
	if (!read_header(w, part) || !put_common(w, p, &text))
		return 0;
	if (p->kind != MIME_MESSAGE)
		return !text || put_lines(w, p);
	return space(w) && read_header(w, p->child) &&
	    envelope_put(w->out, w->header.s ? w->header.s : "",
	        w->header.len) &&
	    space(w);
}

static int
leave_multipart(struct writer *w, struct mime_part const *p)
{
	char const *first;
	char const *second;
	size_t first_len;
	size_t second_len;
	return space(w) &&
	    structure_type(p, w->header.s, w->header.len, w->type, &first,
	        &first_len, &second, &second_len) &&
	    value_string(w->out, second, second_len) &&
	    (!w->extended || (put_params(w, w->type, "") && put_extension(w)));
}

static int
leave(struct writer *w, int part)
{
	struct mime_part const *p = &w->m->parts[part];
	if (p->kind != MIME_LEAF && p->kind != MIME_OPAQUE &&
	    !read_header(w, part))
		return 0;
	int ok = 1;
	if (p->kind == MIME_MULTIPART)
		ok = leave_multipart(w, p);
	else if (p->kind == MIME_MESSAGE)
		ok = put_lines(w, p);
	if (ok && p->kind != MIME_MULTIPART && w->extended)
		ok = put_field(w, "Content-MD5", "NIL") && put_extension(w);
	return ok && put(w, ")");
}

/* Down and up again without recursion: depth is the sender's choice. */
static int
walk(struct writer *w)
{
	int part = 0;
	for (;;) {
		if (!enter(w, part))
			return 0;
		if (w->m->parts[part].child >= 0) {
			part = w->m->parts[part].child;
			continue;
		}
		for (;;) {
			if (!leave(w, part))
				return 0;
			if (w->m->parts[part].parent < 0)
				return 1;
			if (w->m->parts[part].next >= 0)
				break;
			part = w->m->parts[part].parent;
		}
		part = w->m->parts[part].next;
	}
}

int
structure_put(stralloc *out, struct mime const *m, bool extended,
    struct header_source const *source)
{
	struct writer w = { out, m, extended, source, STRALLOC_ZERO,
		STRALLOC_ZERO, calloc(1, sizeof *w.type) };
	int ok = w.type && m->count && walk(&w);
	if (w.type)
		structured_free(w.type);
	free(w.type);
	stralloc_free(&w.header);
	stralloc_free(&w.value);
	return ok;
}

/* --- sections ------------------------------------------------------------- */

static int
nth_child(struct mime const *m, int part, uint32_t n)
{
	int child = m->parts[part].child;
	while (child >= 0 && --n)
		child = m->parts[child].next;
	return child;
}

/* RFC 3501 6.4.5: the body of a message that is no multipart is its part 1. */
int
structure_find(struct mime const *m, uint32_t const *numbers, unsigned count)
{
	int part = 0;
	bool message = true; /* PART stands for a whole message */
	for (unsigned i = 0; i < count && part >= 0; i++) {
		if (!message && m->parts[part].kind == MIME_MESSAGE) {
			part = m->parts[part].child;
			message = true;
		}
		if (m->parts[part].kind == MIME_MULTIPART)
			part = nth_child(m, part, numbers[i]);
		else if (!message || numbers[i] != 1)
			part = -1;
		message = false;
	}
	return part;
}
