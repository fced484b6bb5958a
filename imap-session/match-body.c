/* SPDX-License-Identifier: ISC */
#include "match.h"

#include <string.h>
#include "content.h"
#include "needle.h"
#include "structure.h"
#include "text.h"
#include "transfer-encoding.h"

enum {
	TEXT_CUT = 64 << 10, /* search what there is at the next line end */
	TEXT_MOST = 1 << 20  /* ... or wherever it is */
};

struct body {
	struct transfer_decoder decoder;
	char charset[64];
	size_t charset_len;
	bool raw; /* the needle may be looked for in the text as it stands */
};

static void
take_encoding(struct look *l, struct bytes header, struct body *b)
{
	struct header_field f;
	size_t pos = 0;
	while (header_next(header.s, header.len, &pos, &f)) {
		if (!header_is(&f, "Content-Transfer-Encoding") ||
		    !structured_parse(l->type, f.value, f.value_len))
			continue;
		char const *name = l->type->pool.s + l->type->first.at;
		size_t n = l->type->first.len;
		if (imap_equal(name, n, "base64"))
			b->decoder.kind = TRANSFER_BASE64;
		else if (imap_equal(name, n, "quoted-printable"))
			b->decoder.kind = TRANSFER_QP;
	}
}

/* Whether it is a part whose text is looked at, and how to read it. */
static bool
is_text(struct look *l, struct mime_part const *p, struct bytes header,
    struct body *b)
{
	char const *first;
	char const *second;
	size_t first_len;
	size_t second_len;
	if (p->kind != MIME_LEAF)
		return false;
	structure_type(p, header.s, header.len, l->type, &first, &first_len,
	    &second, &second_len);
	if (!imap_equal(first, first_len, "text"))
		return false;
	struct param const *charset = structured_param(l->type, "charset");
	memset(b, 0, sizeof *b);
	if (charset && charset->value.len < sizeof b->charset) {
		b->charset_len = charset->value.len;
		memcpy(b->charset, l->type->pool.s + charset->value.at,
		    b->charset_len);
	}
	take_encoding(l, header, b);
	return true;
}

/* A set whose octets below 0x80 are US-ASCII wherever they stand. */
static bool
is_ascii_based(struct body const *b)
{
	static char const *const sets[] = { "us-ascii", "utf-8", "iso-8859-",
		"windows-125", "koi8-" };
	if (!b->charset_len)
		return true;
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
		size_t n = strlen(sets[i]);
		if (b->charset_len >= n && imap_equal(b->charset, n, sets[i]))
			return true;
	}
	return false;
}

/* What has no letter beyond US-ASCII is looked at as it stands. */
static bool
text_has(struct look *l, struct body const *b, stralloc const *needle,
    char const *s, size_t len)
{
	if (b->raw) {
		if (needle_in_raw(needle, s, len))
			return true;
		if (text_is_ascii(s, len))
			return false;
	}
	l->text.len = 0;
	return text_to_utf8(b->charset, b->charset_len, s, len, &l->text) &&
	    match_text(l, needle);
}

/* Looks into the decoded text at hand, up to its last line end unless ALL, and
 * keeps the rest. */
static bool
look_into(struct look *l, struct body const *b, stralloc const *needle,
    bool all)
{
	char const *lf =
	    l->plain.len ? memrchr(l->plain.s, '\n', l->plain.len) : NULL;
	size_t n = all || (!lf && l->plain.len > TEXT_MOST) ? l->plain.len
	    : lf ? (size_t)(lf - l->plain.s) + 1
	         : 0;
	if (!n)
		return false;
	bool found = text_has(l, b, needle, l->plain.s, n);
	memmove(l->plain.s, l->plain.s + n, l->plain.len - n);
	l->plain.len -= n;
	return found;
}

/* An encoded text is decoded as far as a look into it goes. */
static bool
piece_contains(struct look *l, struct body *b, struct bytes piece,
    stralloc const *needle, bool *ok)
{
	while (piece.len) {
		size_t n = piece.len < TEXT_CUT ? piece.len : TEXT_CUT;
		*ok = transfer_decode(&b->decoder, piece.s, n, &l->plain);
		if (!*ok)
			return false;
		if (l->plain.len > TEXT_CUT && look_into(l, b, needle, false))
			return true;
		piece.s += n;
		piece.len -= n;
	}
	return false;
}

static bool
part_contains(struct look *l, struct mime_part const *p, struct body *b,
    stralloc const *needle)
{
	uint64_t at = p->body.raw;
	struct bytes piece;
	bool ok = true;
	b->raw = needle_is_raw(needle) && is_ascii_based(b);
	l->plain.len = 0;
	while (ok && look_piece(l, &at, p->end.raw, &piece)) {
		if (b->decoder.kind == TRANSFER_PLAIN && !l->plain.len &&
		    at == p->end.raw)
			return text_has(l, b, needle, piece.s, piece.len);
		if (piece_contains(l, b, piece, needle, &ok))
			return true;
	}
	return ok && transfer_end(&b->decoder, &l->plain) &&
	    look_into(l, b, needle, true);
}

/* The header of a part in one piece, as far as there is one. */
static struct bytes
part_header(struct look *l, struct mime_part const *p)
{
	struct bytes header = { "", 0 };
	uint64_t at = p->header.raw;
	(void)look_piece(l, &at, p->body.raw, &header);
	return header;
}

bool
match_body(struct look *l, stralloc const *needle, bool fields)
{
	if (!needle->len || !look_parts(l))
		return !needle->len;
	for (int i = 0; i < l->mime.count; i++) {
		struct mime_part const *p = &l->mime.parts[i];
		struct bytes header = part_header(l, p);
		struct body b;
		if (fields && i && match_any_field(l, header, needle))
			return true;
		if (is_text(l, p, header, &b) &&
		    part_contains(l, p, &b, needle))
			return true;
	}
	return false;
}
