/* SPDX-License-Identifier: ISC */
/* Any bytes as a message: what must go is gone, all else stays in its order,
 * and a second look finds nothing more to drop. */
#include "smtp-session/header-edit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/stralloc.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static int
ours(void *arg, char const *id, size_t len)
{
	(void)arg;
	return len == 2 && memcmp(id, "mx", 2) == 0;
}

static void
edit(struct header_edit *e, char const *m, size_t len, stralloc *out)
{
	size_t pos = 0;
	size_t from;
	size_t before = 0;
	must(header_edit_scan(e, m, len));
	must(e->end <= len);
	while (header_edit_next(e, m, &pos, &from) > 0) {
		must(from >= before && from < pos && pos <= e->end);
		before = pos;
		must(stralloc_catb(out, m + from, pos - from));
	}
	must(pos == e->end);
	must(e->drops == (out->len < e->end));
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	if (!size)
		return 0;
	stralloc once = STRALLOC_ZERO;
	stralloc twice = STRALLOC_ZERO;
	struct header_edit e = { .submission = data[0] & 1, .ours = ours };
	edit(&e, (char const *)data + 1, size - 1, &once);
	/* a header cut at its end may end without its LF */
	if (once.len && once.s[once.len - 1] == '\n') {
		edit(&e, once.s, once.len, &twice);
		must(!e.drops && twice.len == once.len);
	}
	stralloc_free(&once);
	stralloc_free(&twice);
	return 0;
}
