/* SPDX-License-Identifier: ISC */
/* The entries of an annotations file: each is inside it and may be what it is,
 * and a change changes that one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "imap-session/metadata.h"
#include "imap-session/special-use.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static size_t
count(stralloc const *text)
{
	struct bytes rest = { text->len ? text->s : "", text->len };
	struct metadata_entry e;
	size_t n = 0;
	while (metadata_next(&rest, &e)) {
		unsigned uses;
		n++;
		if (!metadata_is_entry(e.name.s, e.name.len) ||
		    e.value.len > METADATA_VALUE_MAX || e.value.s < text->s ||
		    e.value.s + e.value.len >= text->s + text->len)
			abort();
		if (special_use_parse(e.value.s, e.value.len, &uses) &&
		    uses >> USES)
			abort();
	}
	return n;
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct metadata_entry e = { bytes_of("/shared/a"), bytes_of("new"),
		false };
	struct bytes value;
	stralloc text = STRALLOC_ZERO;
	if (!stralloc_copyb(&text, (char const *)data, size))
		return 0;
	size_t before = count(&text);
	if (!metadata_edit(&text, &e) ||
	    !metadata_find(&text, "/shared/a", &value) ||
	    !bytes_are(value, "new") || count(&text) > before + 1)
		abort();
	e.remove = true;
	if (!metadata_edit(&text, &e) ||
	    metadata_find(&text, "/shared/a", &value) || count(&text) > before)
		abort();
	stralloc_free(&text);
	return 0;
}
