/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "log.h"

/* --- answers ------------------------------------------------------------ */

void
answer_start(struct session *s, char const *text)
{
	s->answer.len = 0;
	answer_add(s, text);
}

/* Out of memory leaves the answer without its NUL, which answer_done sees. */
void
answer_add(struct session *s, char const *text)
{
	if (!stralloc_cats(&s->answer, text))
		session_bye(s, "Out of memory");
}

void
answer_number(struct session *s, uint64_t n)
{
	char buf[24];
	snprintf(buf, sizeof buf, "%llu", (unsigned long long)n);
	answer_add(s, buf);
}

void
answer_set(struct session *s, struct sequence const *set)
{
	if (!sequence_format(set, &s->answer))
		session_bye(s, "Out of memory");
}

answer
answer_done(struct session *s, char const *text)
{
	answer_add(s, text);
	if (!stralloc_0(&s->answer))
		return ANSWER_NO_MEMORY;
	s->answer.len--;
	return s->answer.s;
}

answer
session_failed(struct session *s, char const *what, char const *folder)
{
	int why = errno;
	(void)s;
	if (why == ENOENT || why == ESTALE)
		return ANSWER_NO_MAILBOX;
	log_error(what, *folder ? folder : "INBOX", why);
	if (why == ENOSPC || why == EDQUOT)
		return "NO [OVERQUOTA] The disk is full";
	if (why == EROFS || why == EACCES || why == EPERM)
		return "NO [NOPERM] The mailbox cannot be changed";
	if (why == ETIMEDOUT)
		return "NO [INUSE] The mailbox is locked by another program";
	return "NO [UNAVAILABLE] The server could not do it, try again later";
}

/* --- flags -------------------------------------------------------------- */

static bool
one_flag(struct cursor *c, struct flag_list *flags)
{
	char const *at;
	size_t len;
	bool backslash = cursor_char(c, '\\');
	if (!cursor_atom(c, &at, &len))
		return false;
	if (backslash) {
		uint32_t bit = flags_system(at - 1, len + 1);
		flags->system |= bit;
		return bit;
	}
	return len <= KEYWORD_NAME_MAX &&
	    stralloc_catb(&flags->keywords, at, len) &&
	    stralloc_append(&flags->keywords, 0);
}

bool
cursor_flags(struct cursor *c, bool bare, struct flag_list *flags)
{
	flags->system = 0;
	flags->keywords.len = 0;
	bool list = cursor_char(c, '(');
	if (!list && !bare)
		return false;
	if (list && cursor_char(c, ')'))
		return true;
	do
		if (!one_flag(c, flags))
			return false;
	while (cursor_space(c));
	return !list || cursor_char(c, ')');
}

bool
flag_list_bits(struct flag_list const *flags, struct mailbox *b, uint32_t *bits)
{
	*bits = flags->system;
	for (size_t i = 0; i < flags->keywords.len;) {
		char const *name = flags->keywords.s + i;
		size_t n = strlen(name);
		uint32_t bit = mailbox_keyword(b, name, n);
		if (!bit)
			return false;
		*bits |= bit;
		i += n + 1;
	}
	return true;
}

static void
put_keywords(struct session *s, uint32_t bits, bool named, char const **space)
{
	char name[KEYWORD_NAME_MAX + 1];
	for (unsigned i = 0; i < KEYWORDS_MAX; i++) {
		bool has = named ? s->box.keywords.names[i][0] != 0
		                 : (bits >> i & 1) != 0;
		if (!has)
			continue;
		keywords_name(&s->box.keywords, i, name);
		wire_puts(&s->wire, *space);
		wire_puts(&s->wire, name);
		*space = " ";
	}
}

static void
put_system(struct session *s, uint32_t bits, char const **space)
{
	for (struct system_flag const *f = system_flags; f->bit; f++) {
		if (!(bits & f->bit))
			continue;
		wire_puts(&s->wire, *space);
		wire_puts(&s->wire, f->name);
		*space = " ";
	}
}

void
put_flags(struct session *s, struct message const *m)
{
	char const *space = "";
	wire_puts(&s->wire, "FLAGS (");
	put_system(s, m->flags, &space);
	if (m->recent && !(s->enabled & ENABLED_REV2)) {
		wire_puts(&s->wire, space);
		wire_puts(&s->wire, "\\Recent");
		space = " ";
	}
	put_keywords(s, m->flags, false, &space);
	wire_puts(&s->wire, ")");
}

static bool
letters_left(struct keywords const *k)
{
	for (unsigned i = 0; i < KEYWORDS_MAX; i++)
		if (!k->names[i][0])
			return true;
	return false;
}

void
put_mailbox_flags(struct session *s)
{
	char const *space = "";
	wire_puts(&s->wire, "* FLAGS (");
	put_system(s, UINT32_MAX, &space);
	put_keywords(s, 0, true, &space);
	wire_puts(&s->wire, ")\r\n* OK [PERMANENTFLAGS (");
	if (s->box.writable) {
		space = "";
		put_system(s, UINT32_MAX, &space);
		put_keywords(s, 0, true, &space);
		if (letters_left(&s->box.keywords))
			wire_puts(&s->wire, " \\*");
	}
	wire_line(&s->wire, ")] Flags that last");
	s->box.keywords_changed = false;
}

/* --- the selected mailbox ----------------------------------------------- */

void
session_deselect(struct session *s)
{
	cache_close(&s->cache);
	mailbox_close(&s->box);
	s->lost = false;
	s->held = false;
	s->mime_uid = 0;
	memset(&s->landmarks, 0, sizeof s->landmarks);
	s->decoded.uid = 0;
	s->saved.ranges.len = 0;
	contexts_end(s);
}

void
session_lose(struct session *s)
{
	session_deselect(s);
	s->lost = true;
}

/* --- which messages ----------------------------------------------------- */

static int
numbers_of_uids(struct session *s, struct sequence const *uids,
    struct sequence *numbers)
{
	struct mailbox *b = &s->box;
	struct range const *r = sequence_ranges(uids);
	for (uint32_t i = 0; i < sequence_count(uids); i++) {
		uint32_t k = mailbox_lower_bound(b, r[i].first);
		while (k < b->told && b->messages[k].uid <= r[i].last)
			if (!sequence_add(numbers, ++k))
				return 0;
	}
	return 1;
}

int
session_uids(struct session *s, struct sequence *set)
{
	struct mailbox const *b = &s->box;
	if (set->saved)
		return stralloc_copy(&set->ranges, &s->saved.ranges);
	sequence_resolve(set, b->told ? b->messages[b->told - 1].uid : 0);
	return 1;
}

int
session_messages(struct session *s, struct sequence *named,
    struct sequence *numbers)
{
	struct mailbox *b = &s->box;
	numbers->ranges.len = 0;
	if (s->uid || named->saved)
		return session_uids(s, named) &&
		    numbers_of_uids(s, named, numbers);
	/* "1:*" of an empty mailbox is nothing, not a mistake. */
	if (!b->told && sequence_has_star(named))
		return 1;
	sequence_resolve(named, b->told);
	if (!sequence_count(named) || sequence_ranges(named)->first < 1 ||
	    sequence_max(named) > b->told)
		return 0;
	return stralloc_copy(&numbers->ranges, &named->ranges);
}
