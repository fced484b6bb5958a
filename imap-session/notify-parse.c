/* SPDX-License-Identifier: ISC */
/* NOTIFY's arguments (RFC 5465 section 8). */
#include "notify.h"

#include <stdlib.h>
#include <string.h>

static char const bad_event[] =
    "NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName "
    "SubscriptionChange MailboxMetadataChange ServerMetadataChange)] "
    "No such event";

struct event {
	char const *name;
	unsigned bit;
};

static struct event const events_table[] = {
	{ "MessageNew", NOTIFY_NEW },
	{ "MessageExpunge", NOTIFY_EXPUNGE },
	{ "FlagChange", NOTIFY_FLAGS },
	{ "MailboxName", NOTIFY_NAME },
	{ "SubscriptionChange", NOTIFY_SUBSCRIPTION },
	{ "MailboxMetadataChange", NOTIFY_METADATA },
	{ "ServerMetadataChange", NOTIFY_SERVER_METADATA },
};

struct parser {
	struct session *s;
	struct cursor *c;
	struct notify *n;
	bool selected;     /* the group at hand is */
	bool had_selected; /* one was */
	bool unknown;      /* an event we do not know */
};

/* "(" fetch-att *(SP fetch-att) ")" */
static bool
new_message_items(struct parser *p)
{
	if (!p->selected || p->n->fetch)
		return false;
	p->n->fetch = calloc(1, sizeof *p->n->fetch);
	return p->n->fetch && cursor_is(p->c, '(') &&
	    fetch_parse(p->c, p->n->fetch);
}

static bool
one_event(struct parser *p, unsigned *events)
{
	size_t const count = sizeof events_table / sizeof *events_table;
	char const *at;
	size_t len, i = 0;
	while (i < count && !cursor_word(p->c, events_table[i].name))
		i++;
	if (i == count) {
		p->unknown = true;
		return cursor_name(p->c, &at, &len);
	}
	*events |= events_table[i].bit;
	struct cursor here = *p->c;
	if (events_table[i].bit != NOTIFY_NEW || !cursor_space(&here) ||
	    !cursor_is(&here, '('))
		return true;
	*p->c = here;
	return new_message_items(p);
}

/* What has to go together, and what cannot be of the selected mailbox. */
static bool
are_events(struct parser const *p, unsigned events)
{
	unsigned both = events & (NOTIFY_NEW | NOTIFY_EXPUNGE);
	if (both && both != (NOTIFY_NEW | NOTIFY_EXPUNGE))
		return false;
	if (events & NOTIFY_FLAGS && !both && !p->unknown)
		return false;
	return !p->selected || !(events & ~(unsigned)NOTIFY_MESSAGES);
}

static bool
cursor_events(struct parser *p, unsigned *events)
{
	*events = 0;
	if (cursor_word(p->c, "NONE"))
		return true;
	if (!cursor_char(p->c, '('))
		return false;
	do
		if (!one_event(p, events))
			return false;
	while (cursor_space(p->c));
	return cursor_char(p->c, ')') && are_events(p, *events);
}

/* What is no mailbox is left out. */
static bool
one_name(struct parser *p, stralloc *names)
{
	char folder[NAME_MAX_DISK + 1];
	int r = session_folder(p->s, p->c, folder);
	if (r < 0)
		return true;
	return r && names->len <= NOTIFY_NAMES_MAX &&
	    stralloc_catb(names, folder, strlen(folder) + 1);
}

static bool
cursor_names(struct parser *p, stralloc *names)
{
	if (!cursor_char(p->c, '('))
		return one_name(p, names);
	do
		if (!one_name(p, names))
			return false;
	while (cursor_space(p->c));
	return cursor_char(p->c, ')');
}

/* filter-mailboxes */
static bool
cursor_filter(struct parser *p, struct notify_group *g)
{
	struct cursor *c = p->c;
	bool delayed = false;
	p->selected = cursor_word(c, "SELECTED") ||
	    (delayed = cursor_word(c, "SELECTED-DELAYED"));
	if (p->selected) {
		bool twice = p->had_selected;
		p->had_selected = true;
		p->n->delayed = delayed;
		return !twice;
	}
	g->filter = NOTIFY_PERSONAL;
	if (cursor_word(c, "INBOXES") || cursor_word(c, "PERSONAL"))
		return true;
	g->filter = NOTIFY_SUBSCRIBED;
	if (cursor_word(c, "SUBSCRIBED"))
		return true;
	g->filter = NOTIFY_SUBTREE;
	if (!cursor_word(c, "SUBTREE")) {
		g->filter = NOTIFY_MAILBOXES;
		if (!cursor_word(c, "MAILBOXES"))
			return false;
	}
	return cursor_space(c) && cursor_names(p, &g->names);
}

/* event-group */
static bool
group(struct parser *p)
{
	struct notify *n = p->n;
	if (n->count == NOTIFY_GROUPS_MAX || !cursor_char(p->c, '('))
		return false;
	/* counted at once, for notify_free */
	struct notify_group *g = &n->groups[n->count++];
	if (!cursor_filter(p, g) || !cursor_space(p->c) ||
	    !cursor_events(p, &g->events) || !cursor_char(p->c, ')'))
		return false;
	if (p->selected) {
		n->selected = g->events;
		g->events = 0;
	}
	return true;
}

static bool
parse(struct parser *p)
{
	struct cursor *c = p->c;
	if (cursor_word(c, "NONE"))
		return cursor_end(c);
	if (!cursor_word(c, "SET") || !cursor_space(c))
		return false;
	p->n->status = cursor_word(c, "STATUS");
	if (p->n->status && !cursor_space(c))
		return false;
	do
		if (!group(p))
			return false;
	while (cursor_space(c));
	return cursor_end(c);
}

answer
notify_parse(struct session *s, struct cursor *c, struct notify *n)
{
	struct parser p = { .s = s, .c = c, .n = n };
	if (!parse(&p))
		return ANSWER_BAD_ARGUMENTS;
	return p.unknown ? bad_event : NULL;
}

static bool
is_in(stralloc const *names, char const *folder, bool below)
{
	for (size_t i = 0; i < names->len;) {
		char const *name = names->s + i;
		i += strlen(name) + 1;
		if (strcmp(folder, name) == 0)
			return true;
		char const *top = *name ? name : "INBOX";
		size_t n = strlen(top);
		if (below && strncmp(folder, top, n) == 0 && folder[n] == '.')
			return true;
	}
	return false;
}

static bool
is_about(struct notify_group const *g, char const *folder, bool subscribed)
{
	if (g->filter == NOTIFY_PERSONAL)
		return true;
	if (g->filter == NOTIFY_SUBSCRIBED)
		return subscribed;
	return is_in(&g->names, folder, g->filter == NOTIFY_SUBTREE);
}

unsigned
notify_events(struct notify const *n, char const *folder, bool subscribed)
{
	unsigned events = 0;
	for (unsigned i = 0; i < n->count; i++)
		if (n->groups[i].events &&
		    is_about(&n->groups[i], folder, subscribed))
			events |= n->groups[i].events;
	return events;
}
