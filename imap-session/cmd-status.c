/* SPDX-License-Identifier: ISC */
/* STATUS. */
#include "session.h"

#include <errno.h>
#include <string.h>
#include "content.h"
#include "status.h"

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
	{ "SIZE", offsetof(struct counts, size) },
	{ "MAILBOXID", offsetof(struct counts, mailbox_id) },
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

static bool
is_asked(unsigned items, size_t offset)
{
	for (unsigned i = 0; i < ITEMS; i++)
		if (items_table[i].offset == offset)
			return items >> i & 1;
	return false;
}

/* RFC822.SIZE of all; what goes away meanwhile does not count. */
static uint64_t
total_size(struct mailbox *b)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < b->count; i++) {
		uint64_t size;
		if (!b->messages[i].gone &&
		    content_size(b, &b->messages[i], &size))
			sum += size;
	}
	return sum;
}

/* Nothing is moved out of new/: another session is to see it as recent. */
bool
status_count(struct session *s, char const *folder, unsigned items,
    struct counts *n)
{
	struct mailbox box;
	memset(n, 0, sizeof *n);
	if (!mailbox_open(&box, s->root, folder, false))
		return false;
	box.keeps_index = true;
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
	if (ok && is_asked(items, offsetof(struct counts, mailbox_id)))
		mailbox_id(&box, n->mailbox_id);
	if (ok && is_asked(items, offsetof(struct counts, size)))
		n->size = total_size(&box);
	mailbox_close(&box);
	errno = saved;
	return ok;
}

static void
put_item(struct session *s, struct counts const *n, struct item const *item)
{
	char const *at = (char const *)n + item->offset;
	bool text = item->offset == offsetof(struct counts, mailbox_id);
	uint64_t value;
	wire_puts(&s->wire, item->name);
	wire_puts(&s->wire, text ? " (" : " ");
	if (text) {
		wire_puts(&s->wire, at);
		wire_puts(&s->wire, ")");
	} else {
		memcpy(&value, at, sizeof value);
		wire_number(&s->wire, value);
	}
}

unsigned
status_items(char const *text)
{
	struct cursor c = { text, strlen(text), 0 };
	unsigned items = 0;
	return cursor_status_items(&c, &items) ? items : 0;
}

void
status_put(struct session *s, char const *folder, unsigned items,
    struct counts const *n)
{
	char const *space = "";
	wire_puts(&s->wire, "* STATUS ");
	put_folder(s, folder);
	wire_puts(&s->wire, " (");
	for (unsigned i = 0; i < ITEMS; i++) {
		if (!(items >> i & 1))
			continue;
		wire_puts(&s->wire, space);
		put_item(s, n, &items_table[i]);
		space = " ";
	}
	wire_line(&s->wire, ")");
}

bool
put_status(struct session *s, char const *folder, unsigned items)
{
	struct counts n;
	if (!status_count(s, folder, items, &n))
		return false;
	if (items & ASKS_HIGHESTMODSEQ)
		session_enable(s, ENABLED_CONDSTORE);
	status_put(s, folder, items, &n);
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
