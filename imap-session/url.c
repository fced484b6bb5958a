/* SPDX-License-Identifier: ISC */
#include "url.h"

#include <string.h>
#include "hex.h"
#include "imap-word.h"
#include "parse.h"

/* ";NAME=" in any letter case */
static bool
parameter(struct cursor *c, char const *name)
{
	size_t n = strlen(name);
	if (c->len - c->pos < n || !imap_equal(c->s + c->pos, n, name))
		return false;
	c->pos += n;
	return true;
}

/* "/" before it, but for the first of a relative one */
static bool
next_parameter(struct cursor *c, char const *name)
{
	struct cursor probe = *c;
	if (!cursor_char(&probe, '/') || !parameter(&probe, name))
		return false;
	*c = probe;
	return true;
}

/* Appends what stands there for up to one of STOP, "%XX" undone. False: a
 * control, or no right "%XX". */
static bool
text(struct cursor *c, char const *stop, stralloc *out)
{
	while (c->pos < c->len && !strchr(stop, c->s[c->pos])) {
		unsigned char b = (unsigned char)c->s[c->pos++];
		if (b == '%') {
			int high =
			    c->len - c->pos < 2 ? -1 : hex_value(c->s[c->pos]);
			int low = high < 0 ? -1 : hex_value(c->s[c->pos + 1]);
			if (low < 0)
				return false;
			b = (unsigned char)(high << 4 | low);
			c->pos += 2;
		}
		if (b < 0x20 || b == 0x7f || !stralloc_append(out, (char)b))
			return false;
	}
	return true;
}

/* A "/" that ends it belongs to what follows. */
static bool
mailbox(struct cursor *c, char separator, struct url *u)
{
	stralloc utf8 = STRALLOC_ZERO;
	stralloc name = STRALLOC_ZERO;
	bool ok = text(c, ";", &utf8);
	if (ok && utf8.len && c->s[c->pos - 1] == '/') {
		utf8.len--;
		c->pos--;
	}
	ok = ok && utf8.len && name_from_utf8(utf8.s, utf8.len, &name) == 1 &&
	    name_to_folder(name.s, name.len, separator, u->folder);
	stralloc_free(&utf8);
	stralloc_free(&name);
	return ok &&
	    (!parameter(c, ";UIDVALIDITY=") ||
	        cursor_nz_number(c, &u->validity));
}

static bool
section(struct cursor *c, struct url *u)
{
	return text(c, "/;", &u->section) && u->section.len;
}

static bool
partial(struct cursor *c, struct url *u)
{
	return cursor_number(c, &u->offset) &&
	    (!cursor_char(c, '.') || cursor_nz_number(c, &u->count));
}

bool
url_parse(char const *s, size_t len, char separator, struct url *u)
{
	struct cursor c = { s, len, 0 };
	u->folder[0] = 0;
	u->validity = u->uid = u->offset = u->count = 0;
	u->section.len = 0;
	u->selected = parameter(&c, ";UID=");
	if (len > URL_MAX ||
	    (!u->selected &&
	        (!cursor_char(&c, '/') || !mailbox(&c, separator, u) ||
	            !next_parameter(&c, ";UID="))))
		return false;
	return cursor_nz_number(&c, &u->uid) &&
	    (!next_parameter(&c, ";SECTION=") || section(&c, u)) &&
	    (!next_parameter(&c, ";PARTIAL=") || partial(&c, u)) &&
	    cursor_end(&c);
}

int
url_show(char const *s, size_t len, size_t max, stralloc *out)
{
	static char const digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < len && i < max; i++) {
		unsigned char b = (unsigned char)s[i];
		bool plain =
		    b > 0x20 && b < 0x7f && b != '"' && b != '\\' && b != ']';
		char hex[3] = { '%', digits[b >> 4], digits[b & 15] };
		if (!stralloc_catb(out, plain ? s + i : hex, plain ? 1 : 3))
			return 0;
	}
	return 1;
}
