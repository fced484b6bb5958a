/* SPDX-License-Identifier: ISC */
/* Canonical forms: any split of a body gives the same bytes, a canonical form
 * is its own canonical form, and no field or From breaks anything. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/stralloc.h>

#include "dkimsign/author.h"
#include "dkimsign/canon.h"
#include "message.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static int
take(void *arg, char const *s, size_t len)
{
	return stralloc_catb(arg, s, len);
}

static void
body(enum canon how, char const *s, size_t len, size_t split, stralloc *out)
{
	static struct canon_body b;
	out->len = 0;
	canon_body_init(&b, how, take, out);
	if (!canon_body_feed(&b, s, split) ||
	    !canon_body_feed(&b, s + split, len - split) || !canon_body_end(&b))
		abort();
}

static void
same(stralloc const *a, stralloc const *b)
{
	if (a->len != b->len || (a->len && memcmp(a->s, b->s, a->len) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static stralloc one, two, field;
	char const *s = (char const *)data;
	struct message_field f;
	size_t pos = 0;
	if (size < 1)
		return 0;
	enum canon how = *s & 1 ? CANON_RELAXED : CANON_SIMPLE;
	s++;
	size--;
	body(how, s, size, 0, &one);
	body(how, s, size, size ? (unsigned char)s[0] % size : 0, &two);
	same(&one, &two);
	body(how, one.s ? one.s : "", one.len, 0, &two);
	same(&one, &two);
	while (message_next_field(s, size, &pos, &f)) {
		field.len = 0;
		if (!canon_field(how, &f, &field))
			abort();
	}
	author_domain(s, size, &two);
	return 0;
}
