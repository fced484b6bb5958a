/* SPDX-License-Identifier: ISC */
/* LIST (RFC 3501, RFC 5258, RFC 6154, RFC 5819, RFC 9590) and LSUB. */
#include "session.h"

#include <errno.h>
#include <string.h>
#include "folders.h"
#include "special-use.h"

enum list_option {
	SELECT_SUBSCRIBED = 1,
	SELECT_SPECIAL_USE = 2,
	SELECT_RECURSIVE = 4,
	SELECT_REMOTE = 8, /* there are none */
	RETURN_SUBSCRIBED = 16,
	RETURN_STATUS = 32,
	RETURN_METADATA = 64
};

enum { PATTERNS_MAX = 16 << 10 /* octets of all of them */ };

struct option {
	char const *name;
	unsigned bit;
};

static struct option const select_options[] = {
	{ "SUBSCRIBED", SELECT_SUBSCRIBED | RETURN_SUBSCRIBED },
	{ "SPECIAL-USE", SELECT_SPECIAL_USE },
	{ "RECURSIVEMATCH", SELECT_RECURSIVE },
	{ "REMOTE", SELECT_REMOTE },
	{ NULL, 0 },
};

/* What CHILDREN and SPECIAL-USE ask for is always there. */
static struct option const return_options[] = {
	{ "SUBSCRIBED", RETURN_SUBSCRIBED },
	{ "CHILDREN", 0 },
	{ "SPECIAL-USE", 0 },
	{ "STATUS", RETURN_STATUS },
	{ "METADATA", RETURN_METADATA },
	{ NULL, 0 },
};

struct listing {
	bool extended;
	bool lsub;
	unsigned options;
	unsigned status; /* items, with RETURN_STATUS */
	struct metadata_query metadata;
	stralloc reference;
	stralloc patterns; /* each with its length before it, as a size_t */
	struct folder_list folders;
	stralloc subscribed; /* each ended by a NUL */
};

/* --- arguments ---------------------------------------------------------- */

/* What an option brings along: STATUS its items, METADATA its entries. */
static bool
option_value(struct cursor *c, unsigned bit, struct listing *l)
{
	if (bit == RETURN_STATUS)
		return cursor_space(c) && cursor_status_items(c, &l->status);
	if (bit == RETURN_METADATA)
		return cursor_space(c) &&
		    cursor_metadata_query(c, &l->metadata);
	return true;
}

/* "(" [name *(SP name)] ")" of a table. */
static bool
options(struct cursor *c, struct option const *table, struct listing *l)
{
	if (!cursor_char(c, '('))
		return false;
	if (cursor_char(c, ')'))
		return true;
	do {
		struct option const *o = table;
		while (o->name && !cursor_word(c, o->name))
			o++;
		if (!o->name)
			return false;
		l->options |= o->bit;
		if (!option_value(c, o->bit, l))
			return false;
	} while (cursor_space(c));
	return cursor_char(c, ')');
}

static bool
add_pattern(struct cursor *c, struct listing *l)
{
	stralloc pattern = STRALLOC_ZERO;
	bool ok = cursor_list_mailbox(c, &pattern) &&
	    pattern.len <= PATTERN_MAX / 2 && l->patterns.len <= PATTERNS_MAX &&
	    stralloc_catb(&l->patterns, (char const *)&pattern.len,
	        sizeof pattern.len) &&
	    stralloc_catb(&l->patterns, pattern.s, pattern.len);
	stralloc_free(&pattern);
	return ok;
}

static bool
patterns(struct cursor *c, struct listing *l)
{
	if (l->lsub || !cursor_char(c, '('))
		return add_pattern(c, l);
	l->extended = true;
	if (cursor_char(c, ')'))
		return true;
	do
		if (!add_pattern(c, l))
			return false;
	while (cursor_space(c));
	return cursor_char(c, ')');
}

static bool
arguments(struct cursor *c, struct listing *l)
{
	if (!l->lsub && cursor_is(c, '(')) {
		l->extended = true;
		if (!options(c, select_options, l) || !cursor_space(c))
			return false;
	}
	if (!cursor_astring(c, &l->reference) ||
	    l->reference.len > PATTERN_MAX / 2 || !cursor_space(c) ||
	    !patterns(c, l))
		return false;
	if (!l->lsub && cursor_space(c)) {
		l->extended = true;
		if (!cursor_word(c, "RETURN") || !cursor_space(c) ||
		    !options(c, return_options, l))
			return false;
	}
	/* RFC 5258: RECURSIVEMATCH needs another one to go with. */
	unsigned alone = l->options &
	    (SELECT_RECURSIVE | SELECT_SUBSCRIBED | SELECT_SPECIAL_USE);
	return cursor_end(c) && alone != SELECT_RECURSIVE;
}

/* --- which names -------------------------------------------------------- */

static bool
matches(struct session *s, struct listing const *l, struct folder const *f)
{
	stralloc name = STRALLOC_ZERO;
	stralloc pattern = STRALLOC_ZERO;
	bool found = false;
	if (!session_name(s, f->name, &name))
		return false;
	for (size_t i = 0; i < l->patterns.len && !found;) {
		size_t n;
		memcpy(&n, l->patterns.s + i, sizeof n);
		i += sizeof n;
		found = stralloc_copy(&pattern, &l->reference) &&
		    stralloc_catb(&pattern, l->patterns.s + i, n) &&
		    name_match(pattern.s, pattern.len, name.s, name.len,
		        s->separator);
		i += n;
	}
	stralloc_free(&name);
	stralloc_free(&pattern);
	return found;
}

/* --- answers ------------------------------------------------------------ */

static void
put_attribute(struct session *s, char const **space, char const *attribute)
{
	if (!attribute)
		return;
	wire_puts(&s->wire, *space);
	wire_puts(&s->wire, attribute);
	*space = " ";
}

static void
put_attributes(struct session *s, struct listing const *l,
    struct folder const *f)
{
	char const *space = "";
	if (l->lsub) {
		put_attribute(s, &space, f->subscribed ? NULL : "\\Noselect");
		return;
	}
	if (!f->exists)
		put_attribute(s, &space,
		    l->extended ? "\\NonExistent" : "\\Noselect");
	put_attribute(s, &space,
	    f->children ? "\\HasChildren" : "\\HasNoChildren");
	for (unsigned i = 0; i < USES; i++)
		if (f->uses >> i & 1)
			put_attribute(s, &space, uses_table[i].attribute);
	if (f->subscribed && l->options & RETURN_SUBSCRIBED)
		put_attribute(s, &space, "\\Subscribed");
}

static void
put_name(struct session *s, struct listing const *l, struct folder const *f)
{
	char separator[] = { s->separator, 0 };
	wire_puts(&s->wire, l->lsub ? "* LSUB (" : "* LIST (");
	put_attributes(s, l, f);
	wire_puts(&s->wire, ") \"");
	wire_puts(&s->wire, separator);
	wire_puts(&s->wire, "\" ");
	put_folder(s, f->name);
}

static void
put_entry(struct session *s, struct listing const *l, struct folder const *f,
    char const *below)
{
	put_name(s, l, f);
	if (below) {
		wire_puts(&s->wire, " (\"CHILDINFO\" (\"");
		wire_puts(&s->wire, below);
		wire_puts(&s->wire, "\"))");
	}
	wire_line(&s->wire, "");
}

void
put_list(struct session *s, struct folder const *f, char const *old)
{
	struct listing l = { .extended = true, .options = RETURN_SUBSCRIBED };
	put_name(s, &l, f);
	if (old) {
		wire_puts(&s->wire, " (\"OLDNAME\" (");
		put_folder(s, old);
		wire_puts(&s->wire, "))");
	}
	wire_line(&s->wire, "");
}

/* "%" names the parent of what it cannot reach itself. */
static bool
is_listed_by_lsub(struct listing const *l, struct folder const *f)
{
	return f->subscribed ||
	    (f->subscribed_below &&
	        memchr(l->patterns.s, '%', l->patterns.len));
}

static bool
is_selected(struct listing const *l, struct folder const *f)
{
	if (l->lsub)
		return is_listed_by_lsub(l, f);
	if (l->options & SELECT_SPECIAL_USE && !f->uses)
		return false;
	return !(l->options & SELECT_SUBSCRIBED) || f->subscribed;
}

/* RECURSIVEMATCH: what one under it is selected by; NULL: none is. */
static char const *
selected_below(struct listing const *l, struct folder const *f)
{
	if (!(l->options & SELECT_RECURSIVE))
		return NULL;
	if (l->options & SELECT_SUBSCRIBED)
		return f->subscribed_below ? "SUBSCRIBED" : NULL;
	return f->uses_below ? "SPECIAL-USE" : NULL;
}

static void
list_folder(struct session *s, struct listing *l, struct folder const *f)
{
	char const *below = selected_below(l, f);
	if (!matches(s, l, f) || (!is_selected(l, f) && !below))
		return;
	put_entry(s, l, f, below);
	if (l->options & RETURN_STATUS && f->exists)
		put_status(s, f->name, l->status);
	if (l->options & RETURN_METADATA && f->exists)
		put_metadata(s, f, &l->metadata);
}

static answer
run(struct session *s, struct listing *l)
{
	if (!folders_subscribed(s->root, &l->subscribed))
		return session_failed(s, "unable to read", "subscriptions");
	bool missing = l->lsub || l->options & SELECT_SUBSCRIBED;
	if (!folders_read(&l->folders, s->root) ||
	    (missing &&
	        !folders_add(&l->folders, l->subscribed.s, l->subscribed.len)))
		return session_failed(s, "unable to list", "");
	folders_mark_subscribed(&l->folders, l->subscribed.s,
	    l->subscribed.len);
	if (!l->lsub)
		special_use_read(&l->folders, s->root, s->spam_folder);
	for (size_t i = 0; i < l->folders.count; i++)
		list_folder(s, l, &l->folders.folders[i]);
	return l->lsub ? "OK LSUB completed" : "OK LIST completed";
}

/* RFC 3501: an empty pattern asks for the separator. */
static answer
separator_only(struct session *s)
{
	char separator[] = { s->separator, 0 };
	wire_puts(&s->wire, "* LIST (\\Noselect) \"");
	wire_puts(&s->wire, separator);
	wire_line(&s->wire, "\" \"\"");
	return "OK LIST completed";
}

static answer
list(struct session *s, struct cursor *c, bool lsub)
{
	struct listing l = { .lsub = lsub };
	answer text;
	if (!arguments(c, &l))
		text = ANSWER_BAD_ARGUMENTS;
	else if (!l.extended && !lsub && l.patterns.len == sizeof(size_t))
		text = separator_only(s);
	else
		text = run(s, &l);
	folders_free(&l.folders);
	stralloc_free(&l.reference);
	stralloc_free(&l.patterns);
	stralloc_free(&l.subscribed);
	stralloc_free(&l.metadata.names);
	return text;
}

answer
cmd_list(struct session *s, struct cursor *c)
{
	return list(s, c, false);
}

answer
cmd_lsub(struct session *s, struct cursor *c)
{
	return list(s, c, true);
}
