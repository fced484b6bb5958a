/* SPDX-License-Identifier: ISC */
/* Encoded words: all that stands outside of them comes out, in order, and
 * nothing comes out that was not there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "encoded-word.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static char const *place; /* behind the last text that was outside of words */
static char const *last;

static int
look(char const *charset, size_t charset_len, char const *s, size_t len,
    stralloc *out)
{
	if (charset_len)
		return charset >= place && charset < last &&
		    stralloc_catb(out, s, len);
	if (s < place || len > (size_t)(last - s))
		abort();
	place = s + len;
	return stralloc_catb(out, s, len);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	stralloc out = STRALLOC_ZERO;
	place = s;
	last = s + size;
	if (!encoded_word_decode(s, size, look, &out) || out.len > size)
		abort();
	if (!memmem(s, size, "=?", 2) &&
	    (out.len != size || (size && memcmp(out.s, s, size) != 0)))
		abort();
	stralloc_free(&out);
	return 0;
}
