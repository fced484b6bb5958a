/* SPDX-License-Identifier: ISC */
/* A message's structure is the same read whole or octet by octet; its parts lie
 * inside it; ENVELOPE and BODYSTRUCTURE are well-formed whatever it holds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "imap-session/encoding.h"
#include "imap-session/envelope.h"
#include "imap-session/header.h"
#include "imap-session/mime.h"
#include "imap-session/parse.h"
#include "imap-session/structure.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

struct bytes {
	char const *s;
	size_t len;
};

static int
read_header(void *arg, struct mime_part const *p, stralloc *out)
{
	struct bytes const *b = arg;
	if (p->header.raw > p->body.raw || p->body.raw > p->end.raw ||
	    p->end.raw > b->len || p->body.wire > p->end.wire ||
	    p->body.lines > p->end.lines)
		abort();
	return stralloc_copyb(out, b->s + p->header.raw,
	    p->body.raw - p->header.raw);
}

/* Parentheses balance outside of strings; a literal is as long as it says; no
 * string holds what it may not. */
static void
check_value(stralloc const *text)
{
	struct cursor c = { text->s, text->len, 0 };
	stralloc string = STRALLOC_ZERO;
	long depth = 0;
	while (!cursor_end(&c)) {
		char b = c.s[c.pos];
		if (b == '"' || b == '{') {
			size_t start = c.pos;
			if (!cursor_string(&c, &string))
				abort();
			for (size_t i = start; b == '"' && i < c.pos; i++)
				if ((unsigned char)c.s[i] >= 0x80)
					abort();
			continue;
		}
		depth += (b == '(') - (b == ')');
		if (depth < 0 || b == '\r' || b == '\n')
			abort();
		c.pos++;
	}
	if (depth)
		abort();
	stralloc_free(&string);
}

static void
put(struct mime const *m, struct bytes *b, bool extended, stralloc *out)
{
	struct header_source source = { read_header, b };
	out->len = 0;
	if (!structure_put(out, m, extended, &source))
		abort();
	check_value(out);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct bytes b = { (char const *)data, size };
	struct mime whole;
	struct mime cut;
	stralloc one = STRALLOC_ZERO;
	stralloc two = STRALLOC_ZERO;
	uint32_t const section[] = { 1, 2, 1 };
	memset(&whole, 0, sizeof whole);
	memset(&cut, 0, sizeof cut);
	mime_start(&whole, false);
	mime_feed(&whole, b.s, size);
	mime_start(&cut, false);
	for (size_t i = 0; i < size; i++)
		mime_feed(&cut, b.s + i, 1);
	if (!mime_finish(&whole) || !mime_finish(&cut))
		abort();
	put(&whole, &b, true, &one);
	put(&cut, &b, true, &two);
	if (one.len != two.len || memcmp(one.s, two.s, one.len) != 0)
		abort();
	put(&whole, &b, false, &one);
	for (unsigned n = 1; n <= 3; n++)
		if (structure_find(&whole, section, n) >= whole.count)
			abort();
	struct encoding encoding;
	encoding_find(b.s, size, &encoding);
	if (encoding.at + encoding.len > size ||
	    (encoding.binary && !encoding.len))
		abort();
	one.len = 0;
	if (!envelope_put(&one, b.s, size))
		abort();
	check_value(&one);
	mime_start(&cut, true);
	mime_feed(&cut, b.s, size);
	if (!mime_finish(&cut) ||
	    cut.parts[0].body.raw != whole.parts[0].body.raw)
		abort();
	mime_free(&whole);
	mime_free(&cut);
	stralloc_free(&one);
	stralloc_free(&two);
	return 0;
}
