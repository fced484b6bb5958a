/* SPDX-License-Identifier: ISC */
/* CAPABILITY's list. LITERAL+ is there and LITERAL- is not: it says more, and
 * they must not stand together (RFC 7888 section 5). */
#include "session.h"

/* RFC 7889 */
static void
put_append_limit(struct session *s)
{
	wire_puts(&s->wire, " APPENDLIMIT=");
	wire_number(&s->wire, s->append_limit);
}

/* RFC 4978: not a second time. */
static void
put_compress(struct session *s)
{
	if (!s->wire.compress)
		wire_puts(&s->wire, " COMPRESS=DEFLATE");
}

/* RFC 8437 */
static void
put_unauthenticate(struct session *s)
{
	if (s->may_unauthenticate)
		wire_puts(&s->wire, " UNAUTHENTICATE");
}

/* What hangs on the session's settings and state: each puts its own name, or
 * nothing. One a line. */
static void (*const conditional[])(struct session *) = {
	put_append_limit,
	put_compress,
	put_unauthenticate,
};

void
session_capabilities(struct session *s)
{
	wire_puts(&s->wire, "CAPABILITY " CAPABILITIES_USER);
	for (size_t i = 0; i < sizeof conditional / sizeof *conditional; i++)
		conditional[i](s);
}
