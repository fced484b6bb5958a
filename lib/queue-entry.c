/* SPDX-License-Identifier: ISC */
#include "queue-entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "queue-value.h"

/* --- the lines -------------------------------------------------------------- */

struct field {
	char const *name;
	enum queue_kind kind;
	size_t offset;
};

#define OF(type, name, kind, member) \
	{ \
		name, kind, offsetof(struct type, member) \
	}

/* In the order they are written. */
static struct field const entry_fields[] = {
	OF(queue_entry, "Message-Uid", QUEUE_TEXT, uid),
	OF(queue_entry, "Arrival", QUEUE_TIME, arrival),
	OF(queue_entry, "Group", QUEUE_TEXT, group),
	OF(queue_entry, "Sender", QUEUE_TEXT, sender),
	OF(queue_entry, "Envelope-Id", QUEUE_TEXT, envid),
	OF(queue_entry, "Return", QUEUE_RET, ret),
	OF(queue_entry, "Body", QUEUE_TEXT, body),
	OF(queue_entry, "Smtputf8", QUEUE_FLAG, smtputf8),
	OF(queue_entry, "Require-Tls", QUEUE_FLAG, requiretls),
	OF(queue_entry, "User", QUEUE_TEXT, user),
	OF(queue_entry, "Delay-Notice", QUEUE_TIME, delay_notice),
	OF(queue_entry, "Never-Bounce", QUEUE_FLAG, never_bounce),
	{ NULL, QUEUE_TEXT, 0 },
};

static struct field const recipient_fields[] = {
	OF(queue_recipient, "Recipient", QUEUE_TEXT, address),
	OF(queue_recipient, "Original", QUEUE_TEXT, original),
	OF(queue_recipient, "Mailbox", QUEUE_FLAG, mailbox),
	OF(queue_recipient, "State", QUEUE_STATE, state),
	OF(queue_recipient, "Notify", QUEUE_NOTIFY, notify),
	OF(queue_recipient, "Original-Recipient", QUEUE_TEXT, orcpt),
	OF(queue_recipient, "Attempts", QUEUE_COUNT, attempts),
	OF(queue_recipient, "Tried", QUEUE_TIME, tried),
	OF(queue_recipient, "Code", QUEUE_COUNT, code),
	OF(queue_recipient, "Status", QUEUE_TEXT, status),
	OF(queue_recipient, "Answer", QUEUE_TEXT, answer),
	OF(queue_recipient, "Answered-By", QUEUE_TEXT, mta),
	OF(queue_recipient, "Notified", QUEUE_FLAG, notified),
	{ NULL, QUEUE_TEXT, 0 },
};

static char const first_line[] = "Besace-Queue: 1\n";

/* The member of HOLDER that the field stands for. */
static void *
member(void *holder, struct field const *f)
{
	return (char *)holder + f->offset;
}

/* --- writing ---------------------------------------------------------------- */

static int
put_fields(stralloc *sa, void const *holder, struct field const *f)
{
	for (; f->name; f++) {
		void const *from = (char const *)holder + f->offset;
		if (queue_value_unsaid(f->kind, from))
			continue;
		if (!stralloc_cats(sa, f->name) || !stralloc_cats(sa, ": ") ||
		    !queue_value_put(sa, f->kind, from) ||
		    !stralloc_append(sa, '\n'))
			return 0;
	}
	return 1;
}

int
queue_entry_format(struct queue_entry const *e, stralloc *sa)
{
	int ok = stralloc_cats(sa, first_line) &&
	    put_fields(sa, e, entry_fields) && stralloc_cat(sa, &e->others);
	for (size_t i = 0; ok && i < queue_count(e); i++) {
		struct queue_recipient const *r = queue_recipient(e, i);
		ok = put_fields(sa, r, recipient_fields) &&
		    stralloc_cat(sa, &r->others);
	}
	return ok && stralloc_append(sa, '\n');
}

/* --- reading ---------------------------------------------------------------- */

/* The lines being read: those of the message, then those of a recipient. */
struct reading {
	struct queue_entry *entry;
	void *holder;
	struct field const *fields;
	stralloc *others;
};

static int
begin_recipient(struct reading *r)
{
	struct queue_recipient none = { .state = QUEUE_WAITING };
	genalloc *all = &r->entry->recipients;
	if (!genalloc_append(struct queue_recipient, all, &none))
		return 0;
	struct queue_recipient *last =
	    queue_recipient(r->entry, queue_count(r->entry) - 1);
	r->holder = last;
	r->fields = recipient_fields;
	r->others = &last->others;
	return 1;
}

static int
keep_line(struct reading *r, struct bytes line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.s[i] < 0x20 || line.s[i] == 0x7f)
			return -1;
	return stralloc_catb(r->others, line.s, line.len) &&
	    stralloc_append(r->others, '\n');
}

/* "NAME: VALUE"; an editor may have taken the blank of an empty value. */
static int
read_line(struct reading *r, struct bytes line)
{
	struct bytes value = line;
	struct bytes name = bytes_take_until(&value, ':');
	if (!name.len || name.len == line.len)
		return -1;
	if (value.len && *value.s == ' ') {
		value.s++;
		value.len--;
	}
	if (bytes_are(name, recipient_fields[0].name) && !begin_recipient(r))
		return 0;
	for (struct field const *f = r->fields; f->name; f++)
		if (bytes_are(name, f->name))
			return queue_value_get(value, f->kind,
			    member(r->holder, f));
	return keep_line(r, line);
}

/* Addresses go to other programs, line by line. */
static bool
is_plain(char const *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return s != NULL;
}

/* Without these it cannot be delivered, or is the work of an accident: mail for
 * nobody would be done, and mail of no time too old. */
static bool
is_whole(struct queue_entry const *e)
{
	bool whole = is_plain(e->group) && *e->group && is_plain(e->sender) &&
	    e->arrival > 0 && queue_count(e) > 0;
	for (size_t i = 0; whole && i < queue_count(e); i++) {
		char const *address = queue_recipient(e, i)->address;
		whole = is_plain(address) && *address;
	}
	return whole;
}

static int
read_lines(struct queue_entry *e, struct bytes rest)
{
	struct reading r = { e, e, entry_fields, &e->others };
	int ok = 1;
	while (rest.len && ok > 0)
		ok = read_line(&r, bytes_take_until(&rest, '\n'));
	return ok > 0 && !is_whole(e) ? -1 : ok;
}

enum queue_parse
queue_entry_parse(char const *s, size_t len, struct queue_entry *e,
    size_t *used)
{
	size_t first = sizeof first_line - 1;
	*e = (struct queue_entry)QUEUE_ENTRY_ZERO;
	if (memcmp(s, first_line, len < first ? len : first) != 0) {
		errno = EPROTO;
		return QUEUE_PARSE_ERROR;
	}
	if (len < first)
		return QUEUE_PARSE_MORE;
	char const *end = memmem(s + first - 1, len - first + 1, "\n\n", 2);
	if (!end)
		return QUEUE_PARSE_MORE;
	struct bytes lines = { s + first, 0 };
	if (end >= lines.s)
		lines.len = (size_t)(end + 1 - lines.s);
	int ok = read_lines(e, lines);
	*used = (size_t)(end + 2 - s);
	if (ok > 0)
		return QUEUE_PARSE_DONE;
	queue_entry_free(e);
	errno = ok < 0 ? EPROTO : ENOMEM;
	return QUEUE_PARSE_ERROR;
}

/* --- entries ---------------------------------------------------------------- */

static void
free_texts(void *holder, struct field const *f)
{
	for (; f->name; f++)
		if (f->kind == QUEUE_TEXT)
			free(*(char **)member(holder, f));
}

void
queue_entry_free(struct queue_entry *e)
{
	for (size_t i = 0; i < queue_count(e); i++) {
		struct queue_recipient *r = queue_recipient(e, i);
		free_texts(r, recipient_fields);
		stralloc_free(&r->others);
	}
	genalloc_free(struct queue_recipient, &e->recipients);
	free_texts(e, entry_fields);
	stralloc_free(&e->others);
	*e = (struct queue_entry)QUEUE_ENTRY_ZERO;
}

int
queue_set(char **field, char const *value)
{
	char *copy = value ? strdup(value) : NULL;
	if (value && !copy)
		return 0;
	free(*field);
	*field = copy;
	return 1;
}

size_t
queue_count(struct queue_entry const *e)
{
	return genalloc_len(struct queue_recipient, &e->recipients);
}

struct queue_recipient *
queue_recipient(struct queue_entry const *e, size_t i)
{
	return genalloc_s(struct queue_recipient, &e->recipients) + i;
}

struct queue_recipient *
queue_add(struct queue_entry *e, char const *address)
{
	struct queue_recipient r = { .address = strdup(address) };
	if (!r.address ||
	    !genalloc_append(struct queue_recipient, &e->recipients, &r)) {
		free(r.address);
		errno = ENOMEM;
		return NULL;
	}
	return queue_recipient(e, queue_count(e) - 1);
}

enum { ANSWER_MAX = 4096 }; /* octets; eight lines of a reply */

int
queue_answer(struct queue_recipient *r, enum queue_state state, int64_t when,
    unsigned int code, char const *status, char const *text, char const *mta)
{
	char *answer = text ? strndup(text, ANSWER_MAX) : NULL;
	if ((text && !answer) || !queue_set(&r->status, status) ||
	    !queue_set(&r->mta, mta)) {
		free(answer);
		return 0;
	}
	free(r->answer);
	r->answer = answer;
	r->code = code;
	r->state = state;
	r->tried = when;
	r->attempts++;
	return 1;
}

/* --- what is left to do ----------------------------------------------------- */

bool
queue_notice_due(enum queue_state state, unsigned int notify, bool has_sender)
{
	if (state == QUEUE_FAILED)
		return !notify || notify & DSN_FAILURE;
	return state != QUEUE_WAITING && has_sender && notify & DSN_SUCCESS;
}

bool
queue_wants_notice(struct queue_entry const *e, struct queue_recipient const *r)
{
	return !r->notified && !e->never_bounce &&
	    queue_notice_due(r->state, r->notify, *e->sender);
}

struct queue_recipient *
queue_next(struct queue_entry const *e)
{
	struct queue_recipient *next = NULL;
	for (size_t i = 0; i < queue_count(e); i++) {
		struct queue_recipient *r = queue_recipient(e, i);
		if (r->state == QUEUE_WAITING &&
		    (!next || r->attempts < next->attempts))
			next = r;
	}
	return next;
}

bool
queue_is_waiting(struct queue_entry const *e)
{
	return queue_next(e) != NULL;
}

char const *
queue_domain(struct queue_entry const *e, struct queue_recipient const *r)
{
	char const *at = strrchr(r->address, '@');
	return strcmp(e->group, QUEUE_SEVERAL) != 0 ? e->group
	    : at                                    ? at + 1
	                                            : r->address;
}

bool
queue_is_done(struct queue_entry const *e)
{
	for (size_t i = 0; i < queue_count(e); i++)
		if (queue_wants_notice(e, queue_recipient(e, i)))
			return false;
	return !queue_is_waiting(e);
}
