/* SPDX-License-Identifier: ISC */
/* STATUS. */
#include "session.h"

#include <errno.h>
#include <string.h>

struct counts {
	uint64_t messages, recent, next, validity, unseen;
	uint64_t deleted, deleted_storage; /* RFC 9208 */
	uint64_t append_limit;             /* RFC 7889 */
	uint64_t highest_modseq;           /* RFC 7162 */
};

struct item {
	char const *name;
	size_t offset; /* in struct counts */
};

/* The first is known by its place. */
static struct item const items_table[] = {
	{ "HIGHESTMODSEQ", offsetof(struct counts, highest_modseq) },
	{ "MESSAGES", offsetof(struct counts, messages) },
	{ "RECENT", offsetof(struct counts, recent) },
	{ "UIDNEXT", offsetof(struct counts, next) },
	{ "UIDVALIDITY", offsetof(struct counts, validity) },
	{ "UNSEEN", offsetof(struct counts, unseen) },
	{ "DELETED", offsetof(struct counts, deleted) },
	{ "DELETED-STORAGE", offsetof(struct counts, deleted_storage) },
	{ "APPENDLIMIT", offsetof(struct counts, append_limit) },
};

enum {
	ITEMS = sizeof items_table / sizeof *items_table,
	ASKS_HIGHESTMODSEQ = 1
};

/* "(" status-att *(SP status-att) ")" */
bool
cursor_status_items(struct cursor *c, unsigned *items)
{
	*items = 0;
	if (!cursor_char(c, '('))
		return false;
	do {
		unsigned i = 0;
		while (i < ITEMS && !cursor_word(c, items_table[i].name))
			i++;
		if (i == ITEMS)
			return false;
		*items |= 1U << i;
	} while (cursor_space(c));
	return cursor_char(c, ')');
}

/* Nothing is moved out of new/: another session is to see it as recent. */
static bool
count(struct session *s, char const *folder, struct counts *n)
{
	struct mailbox box;
	memset(n, 0, sizeof *n);
	if (!mailbox_open(&box, s->root, folder, false))
		return false;
	bool ok = mailbox_sync(&box);
	int saved = errno;
	for (uint32_t i = 0; i < box.count && ok; i++) {
		struct message const *m = &box.messages[i];
		if (m->gone)
			continue;
		n->messages++;
		n->recent += m->recent;
		n->unseen += !(m->flags & FLAG_SEEN);
		if (!(m->flags & FLAG_DELETED))
			continue;
		n->deleted++;
		n->deleted_storage += mailbox_stored_size(&box, m);
	}
	n->next = box.uids.next;
	n->validity = box.uids.validity;
	n->highest_modseq = box.highest_modseq;
	n->append_limit = s->append_limit;
	mailbox_close(&box);
	errno = saved;
	return ok;
}

bool
put_status(struct session *s, char const *folder, unsigned items)
{
	struct counts n;
	char const *space = "";
	if (!count(s, folder, &n))
		return false;
	if (items & ASKS_HIGHESTMODSEQ)
		session_enable(s, ENABLED_CONDSTORE);
	wire_puts(&s->wire, "* STATUS ");
	put_folder(s, folder);
	wire_puts(&s->wire, " (");
	for (unsigned i = 0; i < ITEMS; i++) {
		uint64_t value;
		if (!(items >> i & 1))
			continue;
		memcpy(&value, (char const *)&n + items_table[i].offset,
		    sizeof value);
		wire_puts(&s->wire, space);
		wire_puts(&s->wire, items_table[i].name);
		wire_puts(&s->wire, " ");
		wire_number(&s->wire, value);
		space = " ";
	}
	wire_line(&s->wire, ")");
	return true;
}

answer
cmd_status(struct session *s, struct cursor *c)
{
	char folder[NAME_MAX_DISK + 1];
	unsigned items;
	int r = session_folder(s, c, folder);
	if (!r || !cursor_space(c) || !cursor_status_items(c, &items) ||
	    !cursor_end(c))
		return ANSWER_BAD_ARGUMENTS;
	if (r < 0)
		return ANSWER_NO_MAILBOX;
	return put_status(s, folder, items)
	    ? "OK STATUS completed"
	    : session_failed(s, "unable to read", folder);
}
