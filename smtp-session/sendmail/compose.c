/* SPDX-License-Identifier: ISC */
#include "compose.h"

#include <string.h>

#include "address-list.h"
#include "base64.h"
#include "message.h"
#include "utf8.h"

enum { WORD_OCTETS = 42 }; /* of text in one encoded word of 75 at most */

/* --- recipients ----------------------------------------------------------- */

static bool
is_any(struct message_field const *f, char const *const names[3])
{
	for (size_t i = 0; i < 3; i++)
		if (message_field_is(f, names[i]))
			return true;
	return false;
}

static char const *const plain[3] = { "To", "Cc", "Bcc" };
static char const *const resent[3] = { "Resent-To", "Resent-Cc", "Resent-Bcc" };

static bool
is_resent(char const *m, size_t len)
{
	struct message_field f;
	size_t pos = 0;
	while (message_next_field(m, len, &pos, &f))
		if (is_any(&f, resent))
			return true;
	return false;
}

int
compose_recipients(char const *m, size_t len, stralloc *out, char const **field,
    size_t *field_len)
{
	struct message_field f;
	size_t pos = 0;
	char const *const *names = is_resent(m, len) ? resent : plain;
	while (message_next_field(m, len, &pos, &f)) {
		if (!is_any(&f, names))
			continue;
		int r = address_list(f.value, f.value_len, out);
		if (r <= 0) {
			*field = f.start;
			*field_len = f.name_len;
			return r;
		}
	}
	return 1;
}

/* --- From ----------------------------------------------------------------- */

bool
compose_has_from(char const *m, size_t len)
{
	struct message_field f;
	size_t pos = 0;
	while (message_next_field(m, len, &pos, &f))
		if (message_field_is(&f, "From"))
			return true;
	return false;
}

/* The name in printable characters; whether there are other than ASCII. */
static int
clean(char const *name, stralloc *out, bool *ascii)
{
	size_t len = strlen(name);
	*ascii = true;
	for (size_t i = 0; i < len;) {
		uint32_t point;
		size_t n = utf8_read(name + i, len - i, &point);
		bool shown = n && point >= 0x20 && point != 0x7f &&
		    (point < 0x80 || point >= 0xa0);
		*ascii &= !shown || point < 0x80;
		if (!stralloc_catb(out, shown ? name + i : " ", shown ? n : 1))
			return 0;
		i += n ? n : 1;
	}
	return 1;
}

/* RFC 2047: words of whole characters, with a fold between them. */
static int
put_encoded(stralloc const *name, stralloc *out)
{
	for (size_t i = 0; i < name->len;) {
		size_t n = 0;
		uint32_t point;
		size_t next;
		while ((next = utf8_read(name->s + i + n, name->len - i - n,
		            &point)) &&
		    n + next <= WORD_OCTETS)
			n += next;
		if (!stralloc_cats(out, i ? "\n =?UTF-8?B?" : "=?UTF-8?B?") ||
		    !base64_encode(name->s + i, n, out) ||
		    !stralloc_cats(out, "?="))
			return 0;
		i += n;
	}
	return 1;
}

static int
put_quoted(stralloc const *name, stralloc *out)
{
	if (!stralloc_append(out, '"'))
		return 0;
	for (size_t i = 0; i < name->len; i++) {
		char c = name->s[i];
		if (((c == '"' || c == '\\') && !stralloc_append(out, '\\')) ||
		    !stralloc_append(out, c))
			return 0;
	}
	return stralloc_append(out, '"');
}

static bool
needs_quotes(stralloc const *name)
{
	for (size_t i = 0; i < name->len; i++)
		if (strchr("()<>[]:;@\\,.\"", name->s[i]))
			return true;
	return false;
}

int
compose_from(char const *name, char const *address, stralloc *out)
{
	stralloc text = STRALLOC_ZERO;
	bool ascii;
	int ok = stralloc_cats(out, "From: ") && clean(name, &text, &ascii);
	if (ok && text.len)
		ok =
		    (!ascii                       ? put_encoded(&text, out)
		            : needs_quotes(&text) ? put_quoted(&text, out)
		                                  : stralloc_cat(out, &text)) &&
		    stralloc_append(out, ' ');
	ok = ok && stralloc_append(out, '<') && stralloc_cats(out, address) &&
	    stralloc_cats(out, ">\n");
	stralloc_free(&text);
	return ok;
}
