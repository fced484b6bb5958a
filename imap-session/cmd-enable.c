/* SPDX-License-Identifier: ISC */
/* ENABLE (RFC 5161). */
#include "session.h"

struct extension {
	char const *name;
	unsigned enables; /* of enum enabled */
};

/* What works, in the order of names; the last has no name. */
static struct extension const extensions[] = {
	{ "CONDSTORE", ENABLED_CONDSTORE },
	{ "IMAP4rev2", ENABLED_REV2 | ENABLED_UTF8 },
	{ "QRESYNC", ENABLED_QRESYNC },
	{ "UIDONLY", ENABLED_UIDONLY },
	{ "UTF8=ACCEPT", ENABLED_UTF8 },
	{ NULL, 0 },
};

static struct extension const *
find_extension(char const *name, size_t len)
{
	struct extension const *e = extensions;
	while (e->name && !imap_equal(name, len, e->name))
		e++;
	return e->name ? e : NULL;
}

/* capability *(SP capability), each an atom; what is not known is passed over,
 * as section 3.1 wants it. *NAMED has a bit for each place in the table. */
static bool
arguments(struct cursor *c, unsigned *named)
{
	*named = 0;
	do {
		char const *name;
		size_t len;
		if (!cursor_atom(c, &name, &len))
			return false;
		struct extension const *e = find_extension(name, len);
		if (e)
			*named |= 1U << (e - extensions);
	} while (cursor_space(c));
	return cursor_end(c);
}

/* RFC 5161 would have it before a mailbox is selected, but lets a server not
 * care; some clients come late. */
answer
cmd_enable(struct session *s, struct cursor *c)
{
	unsigned named;
	if (!arguments(c, &named))
		return ANSWER_BAD_ARGUMENTS;
	unsigned what = 0;
	wire_puts(&s->wire, "* ENABLED");
	for (unsigned i = 0; extensions[i].name; i++) {
		if (!(named >> i & 1))
			continue;
		what |= extensions[i].enables;
		wire_puts(&s->wire, " ");
		wire_puts(&s->wire, extensions[i].name);
	}
	wire_line(&s->wire, "");
	session_enable(s, what);
	s->wire.utf8 = s->enabled & ENABLED_UTF8;
	return "OK ENABLE completed";
}
