/* SPDX-License-Identifier: ISC */
#include "headers.h"

#include <string.h>
#include <strings.h>

#include "message.h"

/* The value without blanks around it. */
static size_t
trim(struct message_field const *f, char const **start)
{
	char const *s = f->value, *end = f->value + f->value_len;
	while (s < end && strchr(" \t\r\n", *s) && *s)
		s++;
	while (end > s && end[-1] && strchr(" \t\r\n", end[-1]))
		end--;
	*start = s;
	return (size_t)(end - s);
}

static bool
value_is(struct message_field const *f, char const *wanted)
{
	char const *value;
	size_t n = trim(f, &value);
	return n == strlen(wanted) && strncasecmp(value, wanted, n) == 0;
}

/* The first X-Spam-Flag counts: those further down are older. */
static void
look_at(struct headers *h, struct message_field const *f, bool *flag_seen)
{
	if (message_field_is(f, "Received"))
		h->received++;
	else if (message_field_is(f, "Return-Path"))
		h->has_kept = true;
	else if (message_field_is(f, "X-Spam-Flag") && !*flag_seen) {
		*flag_seen = true;
		h->spam = value_is(f, "YES");
	}
}

static int
keep_others(struct headers *h)
{
	struct message_field f;
	size_t pos = 0;
	while (message_next_field(h->message, h->len, &pos, &f))
		if (!message_field_is(&f, "Return-Path") &&
		    !stralloc_catb(&h->kept, f.start, f.len))
			return 0;
	return 1;
}

int
headers_scan(struct headers *h, char const *message, size_t len)
{
	size_t mbox = message_mbox_line(message, len);
	*h = (struct headers){ .message = message + mbox, .len = len - mbox };
	h->eol = message_eol(h->message, h->len);
	struct message_field f;
	bool flag_seen = false;
	while (message_next_field(h->message, h->len, &h->end, &f))
		look_at(h, &f, &flag_seen);
	if (h->has_kept && !keep_others(h))
		return 0;
	/* A field first, kept whole; or what follows the fields comes first. */
	h->clean = h->has_kept && !h->kept.len
	    ? message_starts_clean(h->message + h->end, h->len - h->end)
	    : message_starts_clean(h->message, h->len);
	return 1;
}

bool
headers_delivered_to(struct headers const *h, char const *address)
{
	struct message_field f;
	size_t pos = 0;
	while (message_next_field(h->message, h->len, &pos, &f))
		if (message_field_is(&f, "Delivered-To") &&
		    value_is(&f, address))
			return true;
	return false;
}

/* An iovec has no const. */
union bytes {
	char const *in;
	void *out;
};

void
headers_pieces(struct headers const *h, struct iovec iov[HEADERS_PIECES])
{
	size_t from = h->has_kept ? h->end : 0;
	union bytes rest = { .in = h->message + from };
	iov[0] = (struct iovec){ h->kept.s, h->kept.len };
	iov[1] = (struct iovec){ rest.out, h->len - from };
}

static int
put_field(stralloc *sa, char const *name, char const *before, char const *value,
    char const *after, char const *eol)
{
	return stralloc_cats(sa, name) && stralloc_cats(sa, before) &&
	    stralloc_cats(sa, value) && stralloc_cats(sa, after) &&
	    stralloc_cats(sa, eol);
}

int
headers_prepend(struct headers const *h, char const *sender,
    char const *original, char const *to, stralloc *sa)
{
	sa->len = 0;
	return (!sender ||
	           put_field(sa, "Return-Path: ", "<", sender, ">", h->eol)) &&
	    put_field(sa, "X-Original-To: ", "", original, "", h->eol) &&
	    put_field(sa, "Delivered-To: ", "", to, "", h->eol) &&
	    (h->clean || stralloc_cats(sa, h->eol));
}

int
headers_forward(struct headers const *h, char const *via, stralloc *sa)
{
	sa->len = 0;
	return put_field(sa, "Delivered-To: ", "", via, "", h->eol) &&
	    (h->clean || stralloc_cats(sa, h->eol));
}

void
headers_free(struct headers *h)
{
	stralloc_free(&h->kept);
}
