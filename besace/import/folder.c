/* SPDX-License-Identifier: ISC */
/* Names of folders, from whatever the old store called them. */
#include "import.h"

#include <string.h>

#include "base64.h"
#include "imap-word.h"
#include "utf8.h"

/* UTF-16 units of what cannot stand for itself, as base64 between "&" and
 * "-". */
static int
end_shift(stralloc *utf16, stralloc *out)
{
	if (!utf16->len)
		return 1;
	size_t start = out->len + 1;
	if (!stralloc_append(out, '&') ||
	    !base64_encode(utf16->s, utf16->len, out))
		return 0;
	while (out->len > start && out->s[out->len - 1] == '=')
		out->len--;
	for (size_t i = start; i < out->len; i++)
		if (out->s[i] == '/')
			out->s[i] = ',';
	utf16->len = 0;
	return stralloc_append(out, '-');
}

static int
add_unit(stralloc *utf16, uint32_t unit)
{
	return stralloc_append(utf16, (char)(unit >> 8)) &&
	    stralloc_append(utf16, (char)unit);
}

static int
add_point(stralloc *utf16, stralloc *out, uint32_t point)
{
	if (point >= 0x10000)
		return add_unit(utf16, 0xd800 + ((point - 0x10000) >> 10)) &&
		    add_unit(utf16, 0xdc00 + ((point - 0x10000) & 0x3ff));
	if (point >= 0x7f)
		return add_unit(utf16, point);
	if (!end_shift(utf16, out))
		return 0;
	if (point == '&')
		return stralloc_cats(out, "&-");
	return stralloc_append(out,
	    point < 0x20 || point == '.' ? '_' : (char)point);
}

/* Appends one level in modified UTF-7 (RFC 3501 section 5.1.3); octets that are
 * no UTF-8 are taken for ISO 8859-1. */
static int
add_level(stralloc *out, char const *s, size_t len)
{
	stralloc utf16 = STRALLOC_ZERO;
	int ok = 1;
	bool is_encoded = name_is_mutf7(s, len) && !memchr(s, '.', len);
	if (is_encoded)
		return stralloc_catb(out, s, len);
	while (ok && len) {
		uint32_t point;
		size_t n = utf8_read(s, len, &point);
		if (!n) {
			n = 1;
			point = (unsigned char)*s;
		}
		ok = add_point(&utf16, out, point);
		s += n;
		len -= n;
	}
	ok = ok && end_shift(&utf16, out);
	stralloc_free(&utf16);
	return ok;
}

static int
add_levels(stralloc *out, char const *name)
{
	int ok = 1;
	while (ok && *name) {
		size_t n = strcspn(name, "/");
		if (n)
			ok = (!out->len || stralloc_append(out, '.')) &&
			    add_level(out, name, n);
		name += n + (name[n] == '/');
	}
	return ok;
}

bool
import_folder(struct import const *i, char const *name,
    char folder[NAME_MAX_DISK + 1])
{
	stralloc out = STRALLOC_ZERO;
	size_t first = strcspn(name, "/");
	bool inbox = !*name || imap_equal(name, first, "INBOX");
	if (inbox)
		name += first + (name[first] == '/');
	inbox = inbox && !*name;
	bool ok = inbox
	    ? stralloc_cats(&out, i->folder)
	    : stralloc_cats(&out, i->prefix) && add_levels(&out, name);
	ok = ok && out.len <= NAME_MAX_DISK &&
	    (!out.len || name_is_folder(out.s, out.len));
	if (ok) {
		memcpy(folder, out.s ? out.s : "", out.len);
		folder[out.len] = 0;
	}
	stralloc_free(&out);
	return ok;
}
