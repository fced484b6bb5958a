/* SPDX-License-Identifier: ISC */
#include "match.h"

#include <string.h>
#include <time.h>
#include "dates.h"
#include "needle.h"
#include "object-id.h"
#include "text.h"

/* --- headers -------------------------------------------------------------- */

bool
match_text(struct look *l, stralloc const *needle)
{
	return look_map(l) &&
	    (!needle->len ||
	        (l->mapped.len &&
	            memmem(l->mapped.s, l->mapped.len, needle->s,
	                needle->len)));
}

static bool
value_contains(struct look *l, struct header_field const *f,
    stralloc const *needle)
{
	l->text.len = 0;
	return text_of_header(f->value, f->value_len, &l->text) &&
	    match_text(l, needle);
}

/* An empty string is found wherever the field is. */
static bool
header_contains(struct look *l, struct search_node const *n)
{
	struct header_field f;
	struct bytes header;
	size_t pos = 0;
	if (!look_fields(l, n->field.s, &header))
		return false;
	while (header_next(header.s, header.len, &pos, &f))
		if (header_is(&f, n->field.s) &&
		    value_contains(l, &f, &n->needle))
			return true;
	return false;
}

/* A header, or a field of it, that says nothing in other words than it stands
 * there, looked through as a whole: only unfolding would bring blanks and colons
 * together. */
static bool
header_lacks(struct bytes header, stralloc const *needle)
{
	return needle_is_raw(needle) && !memchr(needle->s, ' ', needle->len) &&
	    !memchr(needle->s, ':', needle->len) &&
	    text_is_ascii(header.s, header.len) &&
	    !memmem(header.s, header.len, "=?", 2) &&
	    !needle_in_raw(needle, header.s, header.len);
}

bool
match_any_field(struct look *l, struct bytes header, stralloc const *needle)
{
	struct header_field f;
	size_t pos = 0;
	if (header_lacks(header, needle))
		return false;
	while (header_next(header.s, header.len, &pos, &f)) {
		if (header_lacks((struct bytes){ f.start, f.len }, needle))
			continue;
		l->text.len = 0;
		if (stralloc_catb(&l->text, f.name, f.name_len) &&
		    stralloc_cats(&l->text, ": ") &&
		    text_of_header(f.value, f.value_len, &l->text) &&
		    match_text(l, needle))
			return true;
	}
	return false;
}

static bool
text_contains(struct look *l, stralloc const *needle)
{
	struct bytes header;
	return (look_ahead(l) && look_header(l, &header) &&
	           match_any_field(l, header, needle)) ||
	    match_body(l, needle, true);
}

/* --- dates and sizes ------------------------------------------------------ */

static int
compare_day(int64_t day, int64_t with)
{
	return (day > with) - (day < with);
}

enum { DAY_UNKNOWN = -2 };

/* -1 before, 0 on, 1 after the day. */
static int
saved_day(struct look *l, int64_t day)
{
	int64_t t;
	return look_saved(l, &t) ? compare_day(date_day(t), day) : DAY_UNKNOWN;
}

static int
internal_day(struct look *l, int64_t day)
{
	int64_t t;
	return look_date(l, &t) ? compare_day(date_day(t), day) : DAY_UNKNOWN;
}

/* When it came; a message whose file is gone does not match anyway. */
static int64_t
arrival(struct look *l)
{
	int64_t t = 0;
	(void)look_date(l, &t);
	return t;
}

static int
sent_day(struct look *l, int64_t day)
{
	struct bytes v;
	int64_t date;
	return look_field(l, "Date", &v) && date_of_header(v.s, v.len, &date)
	    ? compare_day(date, day)
	    : DAY_UNKNOWN;
}

static bool
size_is(struct look *l, struct search_node const *n)
{
	uint64_t size;
	return look_size(l, &size) &&
	    (n->kind == SEARCH_LARGER ? size > n->number : size < n->number);
}

static bool
email_is(struct look *l, struct search_node const *n)
{
	char id[OBJECT_ID_SIZE];
	email_id(&l->s->box, l->reader.m, id);
	return n->field.len == strlen(id) &&
	    memcmp(n->field.s, id, n->field.len) == 0;
}

/* --- keys ----------------------------------------------------------------- */

static bool
leaf_matches(struct look *l, struct search_node const *n)
{
	struct message const *m = l->reader.m;
	switch (n->kind) {
	case SEARCH_NUMBERS:
		return sequence_has(&n->set, l->number);
	case SEARCH_UIDS:
		return sequence_has(&n->set, m->uid);
	case SEARCH_FLAG:
		return m->flags & n->number;
	case SEARCH_KEYWORD:
		return m->flags &
		    keywords_find(&l->s->box.keywords, n->field.s,
		        n->field.len);
	case SEARCH_EMAILID:
		return email_is(l, n);
	case SEARCH_THREADID:
		return false; /* no message has one */
	case SEARCH_RECENT:
		return m->recent;
	case SEARCH_NEW:
		return m->recent && !(m->flags & FLAG_SEEN);
	case SEARCH_LARGER:
	case SEARCH_SMALLER:
		return size_is(l, n);
	case SEARCH_MODSEQ:
		return m->modseq >= n->number;
	case SEARCH_OLDER:
		return arrival(l) <= n->day;
	case SEARCH_YOUNGER:
		return arrival(l) >= n->day;
	case SEARCH_SAVEDBEFORE:
		return saved_day(l, n->day) == -1;
	case SEARCH_SAVEDON:
		return saved_day(l, n->day) == 0;
	case SEARCH_SAVEDSINCE:
		return saved_day(l, n->day) >= 0;
	case SEARCH_BEFORE:
		return internal_day(l, n->day) == -1;
	case SEARCH_ON:
		return internal_day(l, n->day) == 0;
	case SEARCH_SINCE:
		return internal_day(l, n->day) >= 0;
	case SEARCH_SENTBEFORE:
		return sent_day(l, n->day) == -1;
	case SEARCH_SENTON:
		return sent_day(l, n->day) == 0;
	case SEARCH_SENTSINCE:
		return sent_day(l, n->day) >= 0;
	case SEARCH_HEADER:
		return header_contains(l, n);
	case SEARCH_BODY:
		return match_body(l, &n->needle, false);
	case SEARCH_TEXT:
		return text_contains(l, &n->needle);
	default:
		return true;
	}
}

/* 0 in memory, 1 a look at the file's entry, 2 its header, 3 all of it. */
static int
cost(struct search const *s, int node)
{
	switch (s->nodes[node].kind) {
	case SEARCH_AND:
	case SEARCH_OR:
	case SEARCH_NOT:
		return 2;
	case SEARCH_LARGER:
	case SEARCH_SMALLER:
	case SEARCH_OLDER:
	case SEARCH_YOUNGER:
	case SEARCH_SAVEDBEFORE:
	case SEARCH_SAVEDON:
	case SEARCH_SAVEDSINCE:
	case SEARCH_BEFORE:
	case SEARCH_ON:
	case SEARCH_SINCE:
		return 1;
	case SEARCH_SENTBEFORE:
	case SEARCH_SENTON:
	case SEARCH_SENTSINCE:
	case SEARCH_HEADER:
		return 2;
	case SEARCH_BODY:
	case SEARCH_TEXT:
		return 3;
	default:
		return 0;
	}
}

/* NOLINTBEGIN(misc-no-recursion): COMMAND_LIST_DEPTH bounds it */

/* The tree is as deep as the parser lets it be. The cheap keys of a list are
 * asked first. */
static bool
node_matches(struct look *l, struct search const *search, int node)
{
	struct search_node const *n = &search->nodes[node];
	if (l->gone)
		return false;
	if (n->kind == SEARCH_NOT)
		return !node_matches(l, search, n->child);
	if (n->kind != SEARCH_AND && n->kind != SEARCH_OR)
		return leaf_matches(l, n);
	if (n->child >= 0 && search->nodes[n->child].next < 0)
		return node_matches(l, search, n->child);
	bool stop_at = n->kind == SEARCH_OR;
	for (int price = 0; price <= 3; price++)
		for (int i = n->child; i >= 0; i = search->nodes[i].next)
			if (cost(search, i) == price &&
			    node_matches(l, search, i) == stop_at)
				return stop_at;
	return !stop_at;
}

/* NOLINTEND(misc-no-recursion) */

bool
match_message(struct look *l, struct search const *search)
{
	return node_matches(l, search, 0) && !l->gone;
}

/* --- all messages --------------------------------------------------------- */

enum {
	WORD_AFTER = 5,  /* seconds, or imap_idle_notify_interval */
	ASK_CLOCK = 4096 /* messages that need no look at their files */
};

static void
tell_progress(struct look *l, uint32_t done)
{
	struct session *s = l->s;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (l->next_word && now.tv_sec >= l->next_word) {
		wire_puts(&s->wire, "* OK [INPROGRESS (");
		wire_string(&s->wire, s->tag.s, s->tag.len);
		wire_puts(&s->wire, " ");
		wire_number(&s->wire, done);
		wire_puts(&s->wire, " ");
		wire_number(&s->wire, s->box.told);
		wire_line(&s->wire, ")] Still at it");
		wire_flush(&s->wire);
		l->next_word = 0;
	}
	if (!l->next_word)
		l->next_word = now.tv_sec +
		    (s->notify_interval < WORD_AFTER ? s->notify_interval
		                                     : WORD_AFTER);
}

/* Most messages need no other look at them, in most searches. */
static bool
may_match(struct message const *m, struct search const *search)
{
	return (m->flags & search->flags) == search->flags &&
	    !(m->flags & search->no_flags);
}

/* The first that may match, from I on; else where to tell of progress. */
static uint32_t
skip(struct session const *s, struct search const *search, uint32_t i)
{
	struct message const *messages = s->box.messages;
	uint32_t end = i - i % ASK_CLOCK + ASK_CLOCK;
	if (end > s->box.told)
		end = s->box.told;
	while (i < end && !may_match(&messages[i], search))
		i++;
	return i;
}

bool
match_next(struct look *l, struct search const *search, uint32_t *index)
{
	struct session *s = l->s;
	bool read = l->reader.fd >= 0;
	while (*index < s->box.told && !s->wire.failed) {
		if (read || *index % ASK_CLOCK == 0)
			tell_progress(l, *index);
		read = false;
		uint32_t i = skip(s, search, *index);
		*index = i;
		if (i == s->box.told || !may_match(&s->box.messages[i], search))
			continue;
		++*index;
		if (look_at(l, i) &&
		    (search->only_flags || match_message(l, search)))
			return true;
		read = l->reader.fd >= 0;
	}
	return false;
}

static int
resolve_set(struct session *s, struct search_node *n)
{
	if (n->kind == SEARCH_NUMBERS && !n->set.saved) {
		sequence_resolve(&n->set, s->box.told);
		return 1;
	}
	n->kind = SEARCH_UIDS;
	return session_uids(s, &n->set);
}

/* Of the keys that all have to hold. */
static void
find_flags(struct search *search)
{
	search->flags = search->no_flags = 0;
	search->only_flags = true;
	for (int i = search->nodes[0].child; i >= 0;) {
		struct search_node const *n = &search->nodes[i];
		struct search_node const *negated =
		    n->kind == SEARCH_NOT ? &search->nodes[n->child] : NULL;
		if (n->kind == SEARCH_FLAG)
			search->flags |= (uint32_t)n->number;
		else if (negated && negated->kind == SEARCH_FLAG)
			search->no_flags |= (uint32_t)negated->number;
		else
			search->only_flags = false;
		i = n->next;
	}
}

int
match_resolve(struct session *s, struct search *search)
{
	int64_t now = (int64_t)time(NULL);
	find_flags(search);
	for (int i = 0; i < search->count; i++) {
		struct search_node *n = &search->nodes[i];
		if (n->kind == SEARCH_OLDER || n->kind == SEARCH_YOUNGER)
			n->day = now - (int64_t)n->number;
		else if ((n->kind == SEARCH_NUMBERS ||
		             n->kind == SEARCH_UIDS) &&
		    !resolve_set(s, n))
			return 0;
	}
	return 1;
}
