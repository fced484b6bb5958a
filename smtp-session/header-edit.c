/* SPDX-License-Identifier: ISC */
#include "header-edit.h"

#include <string.h>

#include "message.h"

/* --- whom Authentication-Results names ------------------------------------- */

struct reader {
	char const *s;
	size_t len;
	size_t pos;
};

static int
peek(struct reader const *r)
{
	return r->pos < r->len ? (unsigned char)r->s[r->pos] : -1;
}

/* CFWS; false when a comment has no end. */
static bool
skip_blanks(struct reader *r)
{
	for (int c; (c = peek(r)) >= 0;) {
		if (c == '(') {
			if (!message_skip_comment(r->s, r->len, &r->pos))
				return false;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			r->pos++;
		} else {
			return true;
		}
	}
	return true;
}

/* RFC 2045 section 5.1; octets over 0x7f for RFC 8616. */
static bool
is_token(int c)
{
	return c > 0x20 && c != 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

struct name {
	char *s;
	size_t len;
	bool too_long; /* for a name of ours */
};

static void
put(struct name *n, int c)
{
	if (n->len == AUTHSERV_ID_MAX) {
		n->too_long = true;
		return;
	}
	if (c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	n->s[n->len++] = (char)c;
}

/* A quoted string; folds in it count as nothing. */
static bool
take_quoted(struct reader *r, struct name *n)
{
	r->pos++;
	for (int c; (c = peek(r)) >= 0; r->pos++) {
		if (c == '"') {
			r->pos++;
			return true;
		}
		if (c == '\\') {
			r->pos++;
			c = peek(r);
		}
		if (c >= 0 && c != '\r' && c != '\n')
			put(n, c);
	}
	return false;
}

enum authserv
header_authserv_id(char const *s, size_t len, char id[AUTHSERV_ID_MAX],
    size_t *id_len)
{
	struct reader r = { s, len, 0 };
	struct name n = { id, 0, false };
	if (!skip_blanks(&r))
		return AUTHSERV_BROKEN;
	int c = peek(&r);
	if (c < 0 || c == ';')
		return AUTHSERV_NONE;
	if (c == '"') {
		if (!take_quoted(&r, &n))
			return AUTHSERV_BROKEN;
	} else if (!is_token(c)) {
		return AUTHSERV_BROKEN;
	}
	for (; is_token(c = peek(&r)); r.pos++)
		put(&n, c);
	while (n.len && id[n.len - 1] == '.')
		n.len--;
	*id_len = n.len;
	return n.too_long || !n.len ? AUTHSERV_NONE : AUTHSERV_NAMED;
}

/* --- the fields ------------------------------------------------------------- */

static int
claims_us(struct header_edit const *e, struct message_field const *f)
{
	char id[AUTHSERV_ID_MAX];
	size_t len;
	switch (header_authserv_id(f->value, f->value_len, id, &len)) {
	case AUTHSERV_NAMED:
		return e->ours(e->arg, id, len);
	case AUTHSERV_BROKEN:
		return 1;
	case AUTHSERV_NONE:
		break;
	}
	return 0;
}

/* Must it go? 1, 0, -1. */
static int
is_dropped(struct header_edit const *e, struct message_field const *f)
{
	if (message_field_is(f, "Authentication-Results"))
		return claims_us(e, f);
	return e->submission &&
	    (message_field_is(f, "Bcc") || message_field_is(f, "Resent-Bcc"));
}

int
header_edit_scan(struct header_edit *e, char const *m, size_t len)
{
	struct message_field f;
	e->drops = false;
	e->lacks_date = e->lacks_id = e->submission;
	e->end = 0;
	while (message_next_field(m, len, &e->end, &f)) {
		int r = is_dropped(e, &f);
		if (r < 0)
			return 0;
		e->drops |= r > 0;
		e->lacks_date &= !message_field_is(&f, "Date");
		e->lacks_id &= !message_field_is(&f, "Message-ID");
	}
	e->lacks_blank = e->end == len || m[e->end] != '\n';
	return 1;
}

bool
header_edit_changes(struct header_edit const *e)
{
	return e->drops || e->lacks_date || e->lacks_id || e->lacks_blank;
}

int
header_edit_next(struct header_edit const *e, char const *m, size_t *pos,
    size_t *from)
{
	struct message_field f;
	*from = *pos;
	for (size_t next = *pos; next < e->end; *pos = next) {
		if (!message_next_field(m, e->end, &next, &f))
			return -1;
		int r = is_dropped(e, &f);
		if (r < 0)
			return -1;
		if (r == 0)
			continue;
		if (*pos > *from) /* first what stood before it */
			return 1;
		*from = next;
	}
	return *pos > *from;
}
