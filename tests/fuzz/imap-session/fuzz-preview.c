/* SPDX-License-Identifier: ISC */
/* The first words of anything: valid UTF-8, not too much of it, on one line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include "imap-session/preview.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check(stralloc const *text)
{
	unsigned count = 0;
	uint32_t c;
	for (size_t i = 0; i < text->len; count++) {
		size_t n = utf8_read(text->s + i, text->len - i, &c);
		if (!n || c < ' ' || (c == ' ' && !i))
			abort();
		i += n;
	}
	if (count > PREVIEW_MAX || (text->len && text->s[text->len - 1] == ' '))
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	stralloc out = STRALLOC_ZERO;
	char const *s = (char const *)data;
	if (!preview_of_text(s, size, &out))
		abort();
	check(&out);
	out.len = 0;
	if (!preview_of_html(s, size, &out))
		abort();
	check(&out);
	stralloc_free(&out);
	return 0;
}
