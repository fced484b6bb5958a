/* SPDX-License-Identifier: ISC */
#include "header.h"

#include "decode.h"
#include "mailbox.h"
#include "message.h"

/* Fields that are read as they stand: what looks like an encoded word in them
 * is none. */
static bool
is_verbatim(struct span name)
{
	static char const *const names[] = { "Received", "Message-ID",
		"Resent-Message-ID", "Date", "Resent-Date", "MIME-Version",
		"References", "In-Reply-To" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_is_case(name, names[i]))
			return true;
	return name.len > 5 && strncasecmp(name.s, "List-", 5) == 0;
}

/* A fold is one space, whatever it was made of. */
static int
unfold(struct span value, stralloc *out)
{
	value = span_trim(value);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.s[i];
		if (c == '\r' && i + 1 < value.len && value.s[i + 1] == '\n')
			continue;
		if (c == '\n') {
			while (i + 1 < value.len &&
			    (value.s[i + 1] == ' ' || value.s[i + 1] == '\t'))
				i++;
			c = ' ';
		}
		if (!stralloc_append(out, c))
			return 0;
	}
	return 1;
}

int
header_decode(struct span name, struct span value, stralloc *out)
{
	stralloc line = STRALLOC_ZERO;
	struct span none = { "", 0 };
	int ok = unfold(value, &line);
	if (ok)
		ok = is_verbatim(name)
		    ? decode_charset(span_of(&line), none, out)
		    : decode_words(span_of(&line), out);
	stralloc_free(&line);
	return ok;
}

/* --- one field ------------------------------------------------------------- */

static int
put_mailboxes(struct span value, unsigned int modifiers, stralloc *out)
{
	stralloc line = STRALLOC_ZERO;
	stralloc address = STRALLOC_ZERO;
	stralloc phrase = STRALLOC_ZERO;
	int r = unfold(value, &line) ? 1 : -1;
	struct span list = span_of(&line);
	while (r > 0 && (r = mailbox_next(&list, &address, &phrase)) > 0) {
		stralloc *which = modifiers & TARGET_ADDR ? &address : &phrase;
		struct span text = span_of(which);
		if (!text.len)
			continue;
		bool ok = modifiers & TARGET_RAW || modifiers & TARGET_ADDR
		    ? stralloc_catb(out, text.s, text.len)
		    : decode_words(text, out);
		if (!ok || !stralloc_append(out, '\n'))
			r = -1;
	}
	stralloc_free(&line);
	stralloc_free(&address);
	stralloc_free(&phrase);
	return r == 0;
}

static int
put_field(struct message_field const *f, unsigned int modifiers, stralloc *out)
{
	struct span name = { f->start, f->name_len };
	struct span value = { f->value, f->value_len };
	if (modifiers & (TARGET_ADDR | TARGET_NAME))
		return put_mailboxes(value, modifiers, out);
	int ok = modifiers & TARGET_RAW ? decode_lines(value, out)
	                                : header_decode(name, value, out);
	return ok && stralloc_append(out, '\n');
}

/* --- fields by name -------------------------------------------------------- */

/* The first or last field of the name, or all, joined. */
static int
put_named(struct span header, char const *name, unsigned int modifiers,
    stralloc *out)
{
	struct message_field f;
	struct message_field last = { 0 };
	size_t pos = 0;
	int found = 0;
	while (message_next_field(header.s, header.len, &pos, &f)) {
		if (!message_field_is(&f, name))
			continue;
		found = 1;
		last = f;
		if (modifiers & TARGET_LAST)
			continue;
		if (!put_field(&f, modifiers, out))
			return -1;
		if (modifiers & TARGET_FIRST)
			break;
	}
	if (found && modifiers & TARGET_LAST &&
	    !put_field(&last, modifiers, out))
		return -1;
	return found;
}

static int
put_list(struct span header, char const *const *names, unsigned int modifiers,
    stralloc *out)
{
	int found = 0;
	for (; *names; names++) {
		int r = put_named(header, *names, modifiers, out);
		if (r < 0)
			return -1;
		found |= r;
	}
	return found;
}

static int
put_all(struct span header, unsigned int modifiers, stralloc *out)
{
	struct message_field f;
	size_t pos = 0;
	while (message_next_field(header.s, header.len, &pos, &f)) {
		struct span whole = { f.start, f.len };
		bool ok = modifiers & TARGET_RAW
		    ? decode_lines(whole, out)
		    : stralloc_catb(out, f.start, f.name_len) &&
		        stralloc_cats(out, ": ") && put_field(&f, 0, out);
		if (!ok)
			return -1;
	}
	return 1;
}

/* Without its line end. */
static int
put_envelope_from(struct span header, char const *sender, stralloc *out)
{
	static char const *const names[] = { "Return-Path", "X-Envelope-From",
		"Envelope-Sender", NULL };
	if (sender)
		return stralloc_cats(out, sender) ? 1 : -1;
	int found = put_list(header, names, TARGET_ADDR | TARGET_FIRST, out);
	char const *lf = out->len ? memchr(out->s, '\n', out->len) : NULL;
	if (found > 0 && lf)
		out->len = (size_t)(lf - out->s);
	return found;
}

int
header_value(struct span header, char const *sender, struct target const *t,
    stralloc *out)
{
	static char const *const to_cc[] = { "To", "Cc", NULL };
	static char const *const message_id[] = { "X-Message-Id",
		"Resent-Message-Id", "X-Original-Message-ID", "Message-Id",
		NULL };
	out->len = 0;
	if (strcmp(t->field, "ALL") == 0)
		return put_all(header, t->modifiers, out);
	if (strcasecmp(t->field, "ToCc") == 0)
		return put_list(header, to_cc, t->modifiers, out);
	if (strcmp(t->field, "MESSAGEID") == 0)
		return put_list(header, message_id, t->modifiers, out);
	if (strcasecmp(t->field, "EnvelopeFrom") == 0)
		return put_envelope_from(header, sender, out);
	int found = put_named(header, t->field, t->modifiers, out);
	/* addresses and names stand between line ends, without a last one */
	if (t->modifiers & (TARGET_ADDR | TARGET_NAME) && out->len)
		out->len--;
	return found;
}
