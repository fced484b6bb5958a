/* SPDX-License-Identifier: ISC */
/* LIST (RFC 3501, RFC 5258, RFC 6154, RFC 5819) and LSUB. */
#include "session.h"

#include <errno.h>
#include <string.h>
#include "folders.h"
#include "subscriptions.h"

enum list_option {
	SELECT_SUBSCRIBED = 1,
	SELECT_SPECIAL_USE = 2,
	SELECT_RECURSIVE = 4,
	SELECT_REMOTE = 8, /* there are none */
	RETURN_SUBSCRIBED = 16,
	RETURN_STATUS = 32
};

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
	{ NULL, 0 },
};

struct special_use {
	char const *folder;
	char const *attribute;
};

static struct special_use const special_uses[] = {
	{ "Archive", "\\Archive" },
	{ "Drafts", "\\Drafts" },
	{ "Sent", "\\Sent" },
	{ "Trash", "\\Trash" },
};

struct listing {
	bool extended;
	bool lsub;
	unsigned options;
	unsigned status; /* items, with RETURN_STATUS */
	stralloc reference;
	stralloc patterns; /* each with its length before it, as a size_t */
	struct folder_list folders;
	stralloc subscribed; /* each ended by a NUL */
};

/* --- arguments ---------------------------------------------------------- */

/* "(" [name *(SP name)] ")" of a table; STATUS brings its items along. */
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
		if (o->bit == RETURN_STATUS &&
		    (!cursor_space(c) || !cursor_status_items(c, &l->status)))
			return false;
	} while (cursor_space(c));
	return cursor_char(c, ')');
}

static bool
add_pattern(struct cursor *c, struct listing *l)
{
	stralloc pattern = STRALLOC_ZERO;
	bool ok = cursor_list_mailbox(c, &pattern) &&
	    pattern.len <= PATTERN_MAX / 2 &&
	    stralloc_catb(&l->patterns, (char const *)&pattern.len,
	        sizeof pattern.len) &&
	    stralloc_catb(&l->patterns, pattern.s, pattern.len);
	stralloc_free(&pattern);
	return ok;
}

static bool
patterns(struct cursor *c, struct listing *l)
{
	if (!cursor_char(c, '('))
		return add_pattern(c, l);
	l->extended = true;
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
read_subscribed(struct session *s, struct listing *l)
{
	if (!subscriptions_read(s->root, &l->subscribed))
		return false;
	size_t out = 0;
	char *text = l->subscribed.s;
	for (size_t i = 0; i < l->subscribed.len;) {
		char *lf = memchr(text + i, '\n', l->subscribed.len - i);
		size_t n = (size_t)(lf - text) - i;
		if (name_is_folder(text + i, n)) {
			memmove(text + out, text + i, n);
			out += n;
			text[out++] = 0;
		}
		i += n + 1;
	}
	l->subscribed.len = out;
	return true;
}

static char const *
protocol_name(struct folder const *f)
{
	return *f->name ? f->name : "INBOX";
}

/* Whether a subscribed name is F or, with BELOW, under it. */
static bool
is_subscribed(struct listing const *l, struct folder const *f, bool below)
{
	char const *name = protocol_name(f);
	size_t n = strlen(name);
	for (size_t i = 0; i < l->subscribed.len;) {
		char const *other = l->subscribed.s + i;
		bool prefix = strncmp(other, name, n) == 0;
		if (prefix && (below ? other[n] == '.' : !other[n]))
			return true;
		i += strlen(other) + 1;
	}
	return false;
}

static bool
matches(struct session *s, struct listing const *l, struct folder const *f)
{
	stralloc name = STRALLOC_ZERO;
	stralloc pattern = STRALLOC_ZERO;
	bool found = false;
	if (!name_from_folder(f->name, s->separator, &name))
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

static char const *
special_use(struct session const *s, struct folder const *f)
{
	if (!f->exists)
		return NULL;
	if (s->spam_folder && *f->name && strcmp(f->name, s->spam_folder) == 0)
		return "\\Junk";
	for (size_t i = 0; i < sizeof special_uses / sizeof *special_uses; i++)
		if (strcmp(f->name, special_uses[i].folder) == 0)
			return special_uses[i].attribute;
	return NULL;
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
put_entry(struct session *s, struct listing const *l, struct folder const *f,
    bool subscribed, bool child_info)
{
	char separator[] = { s->separator, 0 };
	char const *space = "";
	wire_puts(&s->wire, l->lsub ? "* LSUB (" : "* LIST (");
	if (l->lsub) {
		put_attribute(s, &space, subscribed ? NULL : "\\Noselect");
	} else {
		if (!f->exists)
			put_attribute(s, &space,
			    l->extended ? "\\NonExistent" : "\\Noselect");
		put_attribute(s, &space,
		    f->children ? "\\HasChildren" : "\\HasNoChildren");
		put_attribute(s, &space, special_use(s, f));
		if (subscribed && l->options & RETURN_SUBSCRIBED)
			put_attribute(s, &space, "\\Subscribed");
	}
	wire_puts(&s->wire, ") \"");
	wire_puts(&s->wire, separator);
	wire_puts(&s->wire, "\" ");
	put_folder(s, f->name);
	wire_line(&s->wire,
	    child_info ? " (\"CHILDINFO\" (\"SUBSCRIBED\"))" : "");
}

static void
list_folder(struct session *s, struct listing const *l, struct folder const *f)
{
	bool subscribed = is_subscribed(l, f, false);
	bool below = false;
	if (!matches(s, l, f))
		return;
	if (l->lsub && !subscribed) {
		/* "%" names the parent of what it cannot reach itself. */
		if (!is_subscribed(l, f, true) ||
		    !memchr(l->patterns.s, '%', l->patterns.len))
			return;
	} else if (l->options & SELECT_SUBSCRIBED) {
		below =
		    l->options & SELECT_RECURSIVE && is_subscribed(l, f, true);
		if (!subscribed && !below)
			return;
	}
	if (l->options & SELECT_SPECIAL_USE && !special_use(s, f))
		return;
	put_entry(s, l, f, subscribed, below);
	if (l->options & RETURN_STATUS && f->exists)
		put_status(s, f->name, l->status);
}

static answer
run(struct session *s, struct listing *l)
{
	if (!read_subscribed(s, l))
		return session_failed(s, "unable to read", "subscriptions");
	bool missing = l->lsub || l->options & SELECT_SUBSCRIBED;
	if (!folders_read(&l->folders, s->root) ||
	    (missing &&
	        !folders_add(&l->folders, l->subscribed.s, l->subscribed.len)))
		return session_failed(s, "unable to list", "");
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
