/* SPDX-License-Identifier: ISC */
/* A message that came by a literal8: what is stored has the same parts, none of
 * them binary. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "imap-session/encoding.h"
#include "imap-session/mime.h"
#include "imap-session/unbinary.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
parse(struct mime *m, char const *s, size_t len)
{
	memset(m, 0, sizeof *m);
	mime_start(m, false);
	mime_feed(m, s, len);
	if (!mime_finish(m))
		abort();
}

static void
check_parts(struct mime const *m, char const *s)
{
	for (int i = 0; i < m->count; i++) {
		struct mime_part const *p = &m->parts[i];
		struct encoding e;
		encoding_find(s + p->header.raw, p->body.raw - p->header.raw,
		    &e);
		if (e.binary)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct incoming in = INCOMING_ZERO;
	struct incoming out = INCOMING_ZERO;
	struct incoming plain = INCOMING_ZERO;
	struct mime before;
	struct mime after;
	if (!size || size > 64 << 10)
		return 0;
	incoming_start(&in, -1);
	incoming_start(&out, -1);
	in.raw = true;
	incoming_take(&in, (char const *)data, size);
	if (!incoming_end(&in) || !unbinary(&in, &out))
		abort();
	incoming_start(&plain, -1);
	incoming_take(&plain, (char const *)data, size);
	if (!incoming_end(&plain))
		abort();
	parse(&before, plain.start.s, plain.start.len);
	parse(&after, out.start.s, out.start.len);
	if (before.count != after.count)
		abort();
	check_parts(&after, out.start.s);
	mime_free(&before);
	mime_free(&after);
	incoming_free(&in);
	incoming_free(&out);
	incoming_free(&plain);
	return 0;
}
