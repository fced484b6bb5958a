/* SPDX-License-Identifier: ISC */
/* FETCH: PREVIEW (RFC 8970), of the first part that has text to show. */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>
#include "encoding.h"
#include "header.h"
#include "preview.h"
#include "structure.h"
#include "text.h"
#include "value.h"

/* [SP "(" preview-mod *(SP preview-mod) ")"], of which there is one: "LAZY" */
bool
parse_preview(struct cursor *c, struct fetch_item *item)
{
	struct cursor ahead = *c;
	if (!cursor_space(&ahead) || !cursor_char(&ahead, '('))
		return true;
	do
		if (!cursor_word(&ahead, "LAZY"))
			return false;
	while (cursor_space(&ahead));
	item->lazy = true;
	*c = ahead;
	return cursor_char(c, ')');
}

/* A part that may be shown. */
struct shown {
	bool html;
	enum transfer encoding;
	char charset[64];
	size_t charset_len;
};

static bool
is_attachment(char const *header, size_t len, struct structured *v)
{
	struct header_field f;
	size_t pos = 0;
	while (header_next(header, len, &pos, &f))
		if (header_is(&f, "Content-Disposition") &&
		    structured_parse(v, f.value, f.value_len))
			return imap_equal(v->pool.s + v->first.at, v->first.len,
			    "attachment");
	return false;
}

static bool
is_shown(struct mime_part const *p, char const *header, size_t len,
    struct structured *v, struct shown *shown)
{
	char const *first;
	char const *second;
	size_t first_len;
	size_t second_len;
	struct encoding e;
	if (p->kind != MIME_LEAF || is_attachment(header, len, v))
		return false;
	structure_type(p, header, len, v, &first, &first_len, &second,
	    &second_len);
	shown->html = imap_equal(second, second_len, "html");
	if (!imap_equal(first, first_len, "text") ||
	    (!shown->html && !imap_equal(second, second_len, "plain")))
		return false;
	struct param const *charset = structured_param(v, "charset");
	shown->charset_len = 0;
	if (charset && charset->value.len <= sizeof shown->charset) {
		shown->charset_len = charset->value.len;
		memcpy(shown->charset, v->pool.s + charset->value.at,
		    shown->charset_len);
	}
	encoding_find(header, len, &e);
	shown->encoding = e.kind;
	return e.known;
}

/* *TEXT becomes the part's beginning, decoded. */
static int
read_text(struct reader *r, struct mime_part const *p,
    struct shown const *shown, stralloc *text)
{
	struct transfer_decoder decoder = { .kind = shown->encoding };
	stralloc raw = STRALLOC_ZERO;
	stralloc plain = STRALLOC_ZERO;
	size_t most = shown->html ? PREVIEW_LOOKS_HTML : PREVIEW_LOOKS_TEXT;
	int ok =
	    content_copy(&r->content, p->body.raw, p->end.raw, most, &raw) &&
	    transfer_decode(&decoder, raw.s, raw.len, &plain) &&
	    transfer_end(&decoder, &plain) &&
	    text_to_utf8(shown->charset, shown->charset_len,
	        plain.s ? plain.s : "", plain.len, text);
	stralloc_free(&raw);
	stralloc_free(&plain);
	return ok;
}

/* Appends what there is to show of a part, perhaps nothing. */
static int
preview_part(struct reader *r, struct mime_part const *p, struct structured *v,
    stralloc *out)
{
	struct shown shown;
	stralloc text = STRALLOC_ZERO;
	int ok = reader_part_header(r, p, &text);
	if (ok && is_shown(p, text.s ? text.s : "", text.len, v, &shown)) {
		text.len = 0;
		ok = read_text(r, p, &shown, &text) &&
		    (!text.len ||
		        (shown.html ? preview_of_html : preview_of_text)(text.s,
		            text.len, out));
	}
	stralloc_free(&text);
	return ok;
}

static int
make_preview(struct reader *r, stralloc *out)
{
	struct mime const *m = &r->s->mime;
	struct structured *v = calloc(1, sizeof *v);
	size_t start = out->len;
	int ok = v && reader_parse(r, true);
	for (int i = 0; ok && i < m->count && out->len == start; i++)
		ok = preview_part(r, &m->parts[i], v, out);
	if (v)
		structured_free(v);
	free(v);
	return ok;
}

int
find_preview(struct fetch_work *w, struct fetch_item *item)
{
	stralloc text = STRALLOC_ZERO;
	fetch_text_start(w, item);
	int found = item->lazy
	    ? reader_known(&w->reader, FACT_PREVIEW, &text)
	    : reader_fact(&w->reader, FACT_PREVIEW, make_preview, &text);
	int ok = found || item->lazy;
	if (ok)
		ok = found
		    ? value_string(&w->text, text.s ? text.s : "", text.len)
		    : stralloc_cats(&w->text, "NIL");
	stralloc_free(&text);
	return fetch_text_end(w, item, ok);
}
