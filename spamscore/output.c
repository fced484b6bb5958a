/* SPDX-License-Identifier: ISC */
#include "output.h"

#include "message.h"

struct output {
	stralloc *head;
	char const *eol;
	char const *subject;
	struct span old_subject;
	bool seen_subject;
};

static bool
name_starts(struct message_field const *f, char const *start)
{
	size_t n = strlen(start);
	return f->name_len >= n && strncasecmp(f->start, start, n) == 0;
}

static bool
is_dropped(struct message_field const *f)
{
	return name_starts(f, "X-Spam-") && !name_starts(f, "X-Spam-Prev-");
}

static int
put_with_eol(struct output *o, struct span lines)
{
	for (size_t i = 0; i < lines.len; i++)
		if (!(lines.s[i] == '\n'
		            ? stralloc_cats(o->head, o->eol)
		            : stralloc_append(o->head, lines.s[i])))
			return 0;
	return 1;
}

static int
put_field(struct output *o, char const *name, struct span value)
{
	return stralloc_cats(o->head, name) && stralloc_cats(o->head, ": ") &&
	    stralloc_catb(o->head, value.s, value.len) &&
	    stralloc_cats(o->head, o->eol);
}

static int
put_message_field(struct output *o, struct message_field const *f)
{
	if (is_dropped(f))
		return 1;
	if (!o->subject || o->seen_subject || !message_field_is(f, "Subject"))
		return stralloc_catb(o->head, f->start, f->len);
	o->seen_subject = true;
	o->old_subject = span_trim((struct span){ f->value, f->value_len });
	return put_field(o, "Subject",
	    (struct span){ o->subject, strlen(o->subject) });
}

/* At the end of the header: a Subject where there was none, the old one. */
static int
put_trailer(struct output *o)
{
	static char const none[] = "(nonexistent)";
	if (!o->subject)
		return 1;
	if (o->head->len && o->head->s[o->head->len - 1] != '\n' &&
	    !stralloc_cats(o->head, o->eol))
		return 0;
	if (!o->seen_subject) {
		o->old_subject = (struct span){ none, sizeof none - 1 };
		if (!put_field(o, "Subject",
		        (struct span){ o->subject, strlen(o->subject) }))
			return 0;
	}
	return put_field(o, "X-Spam-Prev-Subject", o->old_subject);
}

/* Fields go behind a mbox line and a Return-Path, before all else. */
int
output_head(struct span message, struct span fields, char const *subject,
    stralloc *head, size_t *body)
{
	struct output o = { head, message_eol(message.s, message.len), subject,
		{ NULL, 0 }, false };
	size_t pos = message_mbox_line(message.s, message.len);
	struct message_field f;
	bool clean = message_starts_clean(message.s + pos, message.len - pos);
	if (!stralloc_copyb(head, message.s, pos))
		return 0;
	size_t first = pos;
	if (message_next_field(message.s, message.len, &first, &f) &&
	    message_field_is(&f, "Return-Path")) {
		if (!stralloc_catb(head, f.start, f.len))
			return 0;
		pos = first;
	}
	if (!put_with_eol(&o, fields))
		return 0;
	while (message_next_field(message.s, message.len, &pos, &f))
		if (!put_message_field(&o, &f))
			return 0;
	*body = pos;
	if (!put_trailer(&o))
		return 0;
	/* what is no header must not become one by standing below ours */
	return clean || !head->len || stralloc_cats(head, o.eol);
}
